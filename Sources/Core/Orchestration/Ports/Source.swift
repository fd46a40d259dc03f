import BuildDomain

/// What to check out where.
public struct CheckoutRequest: Sendable {
    /// A checked repository address.
    public var repository: RepositoryURL
    /// Branch, tag, full SHA or `refs/…`.
    public var ref: GitRef
    /// The commit, where an earlier attempt of the build has already resolved it: a retry builds the same commit.
    public var commit: CommitSHA?
    /// Absolute path of an existing, empty directory.
    public var workspace: String

    public init(repository: RepositoryURL, ref: GitRef, commit: CommitSHA?, workspace: String) {
        self.repository = repository
        self.ref = ref
        self.commit = commit
        self.workspace = workspace
    }
}

/// Why a checkout failed, with a message for the person who reads the build's log.
public struct CheckoutError: Error, Sendable, Equatable {
    public var message: String
    public init(_ message: String) { self.message = message }
}

/// Brings a commit into a workspace. Adapters: `GitSource`.
public protocol Source: Sendable {
    /// Fetches and checks out; progress and the tool's own words go to `output`, programs run inside `execution`. Gives
    /// up soon after its task is cancelled, whatever it waits for, and starts no further program then.
    /// - Returns: the commit that was checked out.
    func checkout(
        _ request: CheckoutRequest, in execution: any Execution, output: any OutputSink
    ) async throws(CheckoutError) -> CommitSHA
}
