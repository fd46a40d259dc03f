/// What each Ctrl-C means while a build is followed.
struct InterruptPolicy: Sendable {
    enum Input { case interrupt, quit }
    enum Action { case ask, cancel, leave }

    private var next: Action

    /// - Parameter canAsk: somebody can see a question and answer it.
    init(canAsk: Bool) { next = canAsk ? .ask : .cancel }

    mutating func next(_ input: Input) -> Action {
        guard input == .interrupt else { return .leave }
        defer {
            switch next {
            case .ask: next = .cancel
            case .cancel, .leave: next = .leave
            }
        }
        return next
    }
}
