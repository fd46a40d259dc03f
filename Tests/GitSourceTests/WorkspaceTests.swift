import Orchestration
import Testing

@testable import GitSource

@Suite("The workspace")
struct WorkspaceTests {
    @Test(arguments: Way.allCases)
    func isARepositoryThatWorks(way: Way) async throws {
        let scratch = try await Scratch()
        try await scratch.sh("cd origin; git tag -am x v1.0; ln -s file link; echo run > run; chmod +x run; git add .")
        _ = try await scratch.commit("Second")
        let commit = try await scratch.checkout("main", of: way.address(in: scratch))
        let report = try await scratch.sh(
            """
            cd workspace; git status --porcelain; git describe --tags; git log --format=%s; git remote get-url origin
            git rev-parse origin/main; test -x run; readlink link; git fsck --no-dangling 2>&1
            git -c user.name=a -c user.email=b@c commit -q --allow-empty -m Mine; git log -1 --format=%s
            """)
        // The configuration of the tests makes the folder out of the remote address.
        let origin = scratch.folder + "/origin"
        #expect(
            report == "v1.0-1-g\(commit.prefix(7))\nSecond\nFirst subject\n\(origin)\n\(commit)\nfile\nMine")
        #expect(try await scratch.sh("git -C origin log -1 --format=%s") == "Second")
    }

    @Test func showsNoCredentials() async throws {
        let scratch = try await Scratch()
        try await scratch.sh("git config --global url.\"$PWD/\".insteadOf https://s3cret@test/")
        let log = Log()
        _ = try await scratch.checkout("main", of: "https://s3cret@test/origin", log: log)
        #expect(log.text.contains("https://***@test/origin"))
        #expect(try await scratch.sh("cat workspace/.git/config").contains("url = \"https://test/origin\""))
        let message = try await scratch.failure(of: "nope", of: "https://s3cret@test/origin", log: log)
        #expect(message == "ref 'nope' was not found in https://***@test/origin (branches there: main)")
        #expect(!log.text.contains("s3cret"))
    }

    @Test func masksUsersOfWebAddresses() {
        #expect(masked("'https://token@host/x' and HTTPS://a:b@h") == "'https://***@host/x' and HTTPS://***@h")
        #expect(masked("ssh://git@host/x git@host:y") == "ssh://git@host/x git@host:y")
        #expect(masked("https://host/a@b") == "https://host/a@b")
        #expect(withoutCredentials("https://token@host/x") == "https://host/x")
    }

    @Test(arguments: Way.allCases)
    func runsNoHooks(way: Way) async throws {
        let scratch = try await Scratch()
        try await scratch.sh(
            """
            mkdir template template/hooks
            for hook in post-checkout post-index-change reference-transaction pre-auto-gc fsmonitor-watchman; do
              printf '#!/bin/sh\\ntouch %s/hooked\\n' "$PWD" > template/hooks/$hook; chmod +x template/hooks/$hook
            done
            cp template/hooks/* origin/.git/hooks/; git config --global init.templateDir "$PWD/template"
            git config --global core.hooksPath "$PWD/template/hooks"
            git -C origin config core.fsmonitor "$PWD/template/hooks/fsmonitor-watchman"; rm -f hooked
            """)
        _ = try await scratch.checkout("main", of: way.address(in: scratch))
        #expect(try await scratch.sh("ls | grep hooked || true") == "")
    }

    @Test func readsWorktreesBareAndShallowRepositories() async throws {
        let scratch = try await Scratch()
        let second = try await scratch.commit("Second")
        try await scratch.sh(
            """
            git -C origin worktree add -q ../tree -b side; echo x > tree/file; git -C tree commit -qam Side
            git clone -q --bare origin bare.git; git clone -q --depth=1 "file://$PWD/origin" shallow
            """)
        let side = try await scratch.sh("git -C tree rev-parse HEAD")
        #expect(try await scratch.checkout("HEAD", of: scratch.folder + "/tree") == side)
        #expect(try await scratch.checkout("side", of: scratch.folder + "/tree") == side)
        #expect(try await scratch.checkout("main", of: scratch.folder + "/bare") == second)
        #expect(try await scratch.checkout("main", of: scratch.folder + "/shallow") == second)
        #expect(try await scratch.sh("git -C workspace log --format=%s") == "Second")
    }

    @Test(arguments: Way.allCases)
    func checksOutSHA256Repositories(way: Way) async throws {
        let scratch = try await Scratch()
        let commit = try await scratch.sh(
            """
            git init -q --object-format=sha256 new; cd new; echo x > file; git add .; git commit -qm New
            git rev-parse HEAD
            """)
        #expect(commit.count == 64)
        #expect(try await scratch.checkout("main", of: way.address(in: scratch, "new")) == commit)
        #expect(try await scratch.sh("git -C workspace status --porcelain") == "")
    }

    @Test func listsRefsThatAreNotInFiles() async throws {
        let scratch = try await Scratch()
        let commit = try await scratch.sh("cd origin; git tag -am x v1; git rev-parse HEAD")
        let execution = try await HostRunnerForTests.begin()
        let git = GitTool(execution: execution, environment: scratch.environment, output: Log())
        let refs = try await RefStore.list(gitFolder: scratch.folder + "/origin/.git", with: git)
        await execution.close()
        #expect(refs.object(of: "refs/heads/main") == commit)
        #expect(refs.object(of: "HEAD") == commit)
        #expect(refs.names(under: "refs/tags/") == ["refs/tags/v1"])
    }
}
