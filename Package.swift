// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")

let stores: [Target.Dependency] = ["MemoryStore", "SQLiteStore", "PostgresStore"]
let executionAdapters: [Target.Dependency] = ["HostRunner", "GitSource", "LocalMachine"]

let package = Package(
    name: "mini-ci",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "mini-ci", targets: ["mini-ci"])],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Core: values and use cases. No HTTP, SQL, process, file system, clock or random number.
        .target(name: "BuildDomain", path: "Sources/Core/BuildDomain", swiftSettings: strict),
        .target(
            name: "Orchestration", dependencies: ["BuildDomain", crypto, deque],
            path: "Sources/Core/Orchestration", swiftSettings: strict),

        // Adapters: each implements ports, none imports another.
        .target(
            name: "MemoryStore", dependencies: ["BuildDomain", "Orchestration"],
            path: "Sources/Adapters/Stores/MemoryStore", swiftSettings: strict),
        .target(
            name: "SQLiteStore", dependencies: ["BuildDomain", "Orchestration", grdb, sqlite],
            path: "Sources/Adapters/Stores/SQLiteStore", swiftSettings: strict),
        .systemLibrary(
            name: "CLibPQ", path: "Sources/Adapters/Stores/CLibPQ", pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"])]),
        .target(
            name: "PostgresStore", dependencies: ["BuildDomain", "Orchestration", "CLibPQ", logging, deque],
            path: "Sources/Adapters/Stores/PostgresStore", swiftSettings: strict),
        .target(name: "CSupervisor", path: "Sources/Adapters/Runners/CSupervisor"),
        .target(
            name: "HostRunner", dependencies: ["BuildDomain", "Orchestration", "CSupervisor"],
            path: "Sources/Adapters/Runners/HostRunner", swiftSettings: strict),
        .target(
            name: "GitSource", dependencies: ["BuildDomain", "Orchestration"],
            path: "Sources/Adapters/Sources/GitSource", swiftSettings: strict),
        .target(name: "CProcess", path: "Sources/Adapters/CProcess"),
        .target(
            name: "LocalMachine", dependencies: ["BuildDomain", "Orchestration", "CProcess"],
            path: "Sources/Adapters/LocalMachine", swiftSettings: strict),
        .target(
            name: "APISchema", dependencies: ["BuildDomain", "Orchestration"],
            path: "Sources/Adapters/HTTP/APISchema", swiftSettings: strict),
        .target(name: "CAPIDescription", path: "Sources/Adapters/HTTP/CAPIDescription"),
        .target(
            name: "APIServer",
            dependencies: [
                "BuildDomain", "Orchestration", "APISchema", "CAPIDescription", hummingbird, hummingbirdCore, nioCore,
                nioHTTP, httpTypes, logging, lifecycle,
            ],
            path: "Sources/Adapters/HTTP/APIServer", swiftSettings: strict),
        .target(
            name: "APIClient",
            dependencies: [
                "BuildDomain", "Orchestration", "APISchema", httpClient, nioCore, nioHTTP, nioPosix, deque,
            ],
            path: "Sources/Adapters/HTTP/APIClient", swiftSettings: strict),

        .target(
            name: "Worker", dependencies: ["BuildDomain", "Orchestration", crypto, deque, logging],
            path: "Sources/Worker", swiftSettings: strict),

        // The core and the worker's loop in a world without time, where everything goes wrong.
        .target(name: "CTaskQueue", path: "Sources/Simulator/CTaskQueue"),
        .target(
            name: "Simulation",
            dependencies: ["BuildDomain", "Orchestration", "MemoryStore", "Worker", "CTaskQueue", crypto, logging],
            path: "Sources/Simulator/Simulation", swiftSettings: strict),

        // Composition: the only target that sees everything.
        .target(
            name: "MiniCI",
            dependencies: ["BuildDomain", "Orchestration", "Worker", "APISchema", "APIServer", "APIClient"]
                + stores + executionAdapters + [logging, lifecycle, signals, nioCore],
            path: "Sources/MiniCI", swiftSettings: strict),
        .executableTarget(
            name: "mini-ci",
            dependencies: [
                "MiniCI", "BuildDomain", "Orchestration", "APISchema", "APIClient", "Simulation", arguments, logging,
            ],
            path: "Sources/mini-ci", swiftSettings: strict),

        // Measuring: floors and ours in one run (`make bench`).
        .executableTarget(
            name: "mini-ci-bench",
            dependencies: [
                "MiniCI", "BuildDomain", "Orchestration", "APISchema", "APIClient", "PostgresStore", "LocalMachine",
                "TestSupport", httpClient, hummingbird, nioCore, nioHTTP, logging,
            ],
            path: "Benchmarks", exclude: ["run.sh"], swiftSettings: strict),

        // Real parts and doubles for tests.
        .target(
            name: "TestSupport", dependencies: ["BuildDomain", "Orchestration", "CLibPQ"], path: "Tests/Support",
            swiftSettings: strict),
        .target(
            name: "ScenarioSupport", dependencies: ["APIClient", "APISchema", "BuildDomain", "TestSupport"],
            path: "Tests/ScenarioSupport", swiftSettings: strict),

        .testTarget(
            name: "BuildDomainTests", dependencies: ["BuildDomain", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "OrchestrationTests",
            dependencies: ["BuildDomain", "Orchestration", "MemoryStore", "TestSupport", crypto],
            swiftSettings: strict),
        .testTarget(
            name: "WorkerTests",
            dependencies: ["BuildDomain", "Orchestration", "Worker", "TestSupport", crypto, logging],
            swiftSettings: strict),

        .testTarget(
            name: "StoreContractTests",
            dependencies: [
                "BuildDomain", "Orchestration", "MemoryStore", "SQLiteStore", "PostgresStore", "TestSupport", grdb,
                crypto, logging,
            ], swiftSettings: strict),

        .testTarget(
            name: "APIServerTests",
            dependencies: [
                "APIServer", "APISchema", "BuildDomain", "Orchestration", "MemoryStore", httpClient, nioCore, nioPosix,
                nioEmbedded, nioHTTP, httpTypes, crypto, lifecycle, logging, .product(name: "Yams", package: "Yams"),
            ], swiftSettings: strict),
        .testTarget(
            name: "APIClientTests", dependencies: ["APIClient", "APISchema", "BuildDomain", "Orchestration"],
            swiftSettings: strict),
        .testTarget(
            name: "SettingsTests", dependencies: ["MiniCI", "APIClient", "BuildDomain", "Orchestration"],
            swiftSettings: strict),
        .testTarget(
            name: "CommandLineTests",
            dependencies: ["mini-ci", "MiniCI", "APIClient", "APISchema", "BuildDomain", arguments],
            swiftSettings: strict),
        .testTarget(name: "SimulationTests", dependencies: ["Simulation"], swiftSettings: strict),
        .testTarget(
            name: "ScenarioTests",
            dependencies: [
                "mini-ci", "APIClient", "APISchema", "BuildDomain", "ScenarioSupport", "TestSupport", crypto, grdb,
            ],
            swiftSettings: strict),

        // Real processes of the real binary while everything around them breaks (`make chaos`).
        .target(
            name: "Chaos",
            dependencies: [
                "APIClient", "APISchema", "BuildDomain", "Orchestration", "ScenarioSupport", "TestSupport", crypto,
                grdb,
            ], path: "Tests/Chaos", swiftSettings: strict),
        .executableTarget(
            name: "mini-ci-chaos", dependencies: ["Chaos", "mini-ci", arguments], path: "Tests/ChaosCommand",
            swiftSettings: strict),
        .testTarget(
            name: "ChaosTests",
            dependencies: ["Chaos", "mini-ci", "APISchema", "BuildDomain", "ScenarioSupport", "TestSupport", crypto],
            swiftSettings: strict),

        .testTarget(
            name: "HostRunnerTests", dependencies: ["HostRunner", "CSupervisor", "BuildDomain", "Orchestration"],
            swiftSettings: strict),
        .testTarget(
            name: "GitSourceTests",
            dependencies: ["GitSource", "HostRunner", "BuildDomain", "Orchestration", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "PostgresStoreTests", dependencies: ["PostgresStore", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "LocalMachineTests", dependencies: ["LocalMachine", "BuildDomain", "Orchestration"],
            swiftSettings: strict),
        // The rules of the house, as tests: they read the source tree and import nothing of it.
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ]
)
