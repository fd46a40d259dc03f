/// Why the domain did not accept a change. Nothing has been changed when one is thrown.
public enum Refusal: Error, Hashable, Sendable {
    /// The write names an attempt that is not live: it has ended, was declared lost, or never was.
    case staleAttempt(AttemptID)
    /// The state machine has no such transition.
    case illegalTransition(of: String, from: String, event: String)
    /// The build has ended; what was asked makes sense only before.
    case alreadyFinished(BuildStatus)
    /// There is no job that could be executed again: none has ended as was asked for.
    case nothingToRerun
    /// A cancel is under way; what runs must have stopped before anything can be executed again.
    case cancelUnderWay
    /// The log chunk starts after the end of the stored log; the writer must go on at `stored` bytes.
    case logGap(stored: LogExtent)
    /// The log chunk overlaps the stored log in the middle of a line, or contradicts its line numbers.
    case logConflict(stored: LogExtent)
    /// The attempt cannot end yet: what is stored of its log is not what the seal says.
    case logNotSealed(stored: LogExtent)
}
