import CSupervisor
import Glibc
import Orchestration

extension RunRequest {
    /// What the reader of a log needs to know when the program could not be started.
    func failure(stage: Int32, cause: Int32) -> RunnerError {
        .cannotStart(program: program, cause: explain(stage: stage, cause: cause))
    }

    private func explain(stage: Int32, cause: Int32) -> String {
        switch (stage, cause) {
        case (MINI_CI_STAGE_REQUEST, EBUSY):
            "another program is still running in this environment"
        case (MINI_CI_STAGE_DIRECTORY, _):
            "the working directory '\(directory)' could not be entered: \(describe(cause))"
        case (MINI_CI_STAGE_EXEC, ENOENT) where !program.utf8.contains(UInt8(ascii: "/")):
            "command not found; PATH is \(searchPath.map { "'\($0)'" } ?? "not set")"
        case (MINI_CI_STAGE_EXEC, ENOENT) where access(program, F_OK) == 0:
            "the interpreter that its first line or its header names was not found"
        case (MINI_CI_STAGE_EXEC, E2BIG):
            "its arguments and environment are longer than this system takes (one string may have 128 KiB)"
        case (MINI_CI_STAGE_EXEC, ENOEXEC):
            "it is neither a binary for this machine nor a script with a #! line"
        case (MINI_CI_STAGE_EXEC, _):
            describe(cause)
        case (MINI_CI_STAGE_FORK, _):
            "no process could be made: \(describe(cause))"
        default:
            "the supervisor could not take it: \(describe(cause))"
        }
    }
}
