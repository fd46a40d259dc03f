/// Variables of the worker that reach git: what finds its programs, its user's configuration, credentials, proxies and
/// certificates. Everything else of the worker stays away from it, `GIT_DIR` and its like above all.
private let inheritedNames: Set<String> = [
    "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_CONFIG_HOME", "SSH_AUTH_SOCK", "SSH_AGENT_PID",
    "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_ASKPASS", "GIT_ALLOW_PROTOCOL", "GIT_PROXY_COMMAND",
    "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_CERT", "GIT_SSL_KEY", "GIT_SSL_NO_VERIFY",
    "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "SSL_CERT_FILE", "SSL_CERT_DIR",
    "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
    "KRB5CCNAME", "KRB5_CONFIG",
]

/// The environment every git process gets.
func gitEnvironment(from worker: [String: String]) -> [String: String] {
    // Defaults that the worker's environment may replace …
    var environment = [
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        // Nobody is there to answer a question of ssh; a dead server must not hold the build for ever.
        "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=30 -oServerAliveInterval=15 -oServerAliveCountMax=4",
        // Not `ext` and its like, which run programs, and not `file`: local repositories are read without a fetch.
        "GIT_ALLOW_PROTOCOL": "https:ssh:git",
    ]
    if worker["GIT_SSH"] != nil { environment["GIT_SSH_COMMAND"] = nil }
    environment.merge(worker.filter { inheritedNames.contains($0.key) }) { _, workers in workers }
    // … and what it may not.
    environment["GIT_TERMINAL_PROMPT"] = "0"
    environment["GIT_LFS_SKIP_SMUDGE"] = "1"
    // Messages are read by this program, too.
    environment["LC_ALL"] = "C"
    return environment
}

/// Options of every git command, from a scope that no repository's own configuration can override.
let gitOptions: [String] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "protocol.ext.allow=never",
    // The repository of another user is fine: nothing of its configuration or hooks is run.
    "safe.directory=*",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "core.logAllRefUpdates=false",
    // A mirror is a cache: after a power cut it is found broken and made anew, which is cheaper than waiting for the
    // disk at each fetch.
    "core.fsync=none",
    // Always packs, which appear whole or not at all; a killed fetch leaves no half of a history.
    "fetch.unpackLimit=1",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=60",
    "checkout.workers=0",
].flatMap { ["-c", $0] }
