import BuildDomain
import Orchestration

/// Checks commits out of git repositories, with the `git` of the worker's machine.
///
/// - A remote repository has a bare mirror under `<root>/mirrors`, kept between builds and locked per repository, also
///   against other workers that share the folder. One `git fetch` brings what the build asks for and no more.
/// - A local repository is read where it is: the workspace borrows its objects, as `git clone --shared` would, and
///   nothing is copied.
/// - A workspace gets a `.git` that works (`status`, `log`, `describe`, remote `origin`, the tags), HEAD detached.
///
/// A name that is both a branch and a tag is the branch; a full commit id is always a commit. Hooks do not run.
/// Submodules and LFS objects are not checked out: submodules stay empty folders, LFS files stay pointers.
public struct GitSource: Source {
    /// Limits of a checkout.
    public struct Settings: Sendable {
        /// How long one fetch may take. Default: 10 minutes.
        public var fetchTimeout: Duration = .seconds(600)
        /// How long to wait for another build's fetch of the same repository. Default: 20 minutes.
        public var lockTimeout: Duration = .seconds(1200)

        public init() {}
    }

    let mirrors: Mirrors
    let environment: [String: String]
    let settings: Settings

    /// - Parameters:
    ///   - root: absolute path of the folder for mirrors; made when it is needed.
    ///   - environment: the worker's environment. Git gets from it what its credentials, its proxy and its certificates
    ///     need (`HOME`, `SSH_AUTH_SOCK`, `GIT_SSH_COMMAND`, `https_proxy` …) and nothing else.
    public init(root: String, environment: [String: String], settings: Settings = Settings()) {
        mirrors = Mirrors(folder: root + "/mirrors")
        self.environment = gitEnvironment(from: environment)
        self.settings = settings
    }

    public func checkout(
        _ request: CheckoutRequest, in execution: any Execution, output: any OutputSink
    ) async throws(CheckoutError) -> CommitSHA {
        let git = GitTool(execution: execution, environment: environment, output: output)
        if request.repository.isLocal {
            return try await LocalCheckout(request: request, git: git).perform()
        }
        return try await RemoteCheckout(
            request: request, git: git, mirror: mirrors.mirror(of: request.repository), settings: settings
        ).perform()
    }
}
