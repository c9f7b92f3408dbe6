// swift-tools-version: 6.2
// The package: one executable (`sessions-fcgi`), two libraries that others may use
// (`Multipart`, `R2Sign`), and the modules between them.
import PackageDescription

/// What every target is built with. Warnings become errors by a flag in CI, not here, so that a
/// newer compiler's new warning does not break those who only want to build.
let settings: [SwiftSetting] = [
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// The one place a target is made, so that none escapes `settings`.
func module(
  _ name: String, _ dependencies: Target.Dependency..., resources: [Resource]? = nil
) -> Target {
  .target(
    name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

func tests(
  _ name: String, _ dependencies: Target.Dependency..., exclude: [String] = []
) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.byName(name: name), "TestSupport"] + dependencies,
    exclude: exclude, swiftSettings: settings)
}

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "sessions-fcgi",
  products: [
    .executable(name: "sessions-fcgi", targets: ["sessions-fcgi"]),
    .library(name: "Multipart", targets: ["Multipart"]),
    .library(name: "R2Sign", targets: ["R2Sign"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    // The C libraries: headers only; each is imported by the one module named after it.
    .systemLibrary(
      name: "CFastCGI", pkgConfig: "fcgi", providers: [.apt(["libfcgi-dev"])]),
    .systemLibrary(
      name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),

    // The bytes of HTTP and URIs: the one place where digits, hexadecimal, percent-encoding, tokens
    // and dates are read and written.
    module("HTTPSyntax"),

    // What the operating system and the C libraries give, with owners and typed errors.
    .target(name: "CPOSIX"),
    module("POSIX", "CPOSIX", system),
    module("OpenSSL", "COpenSSL", "HTTPSyntax", "POSIX", system),
    module("Postgres", "CPostgres", "HTTPSyntax", "OpenSSL", "POSIX", system),

    // How a request reaches us, and its response the client: FastCGI and CGI.
    module("Gateway", "CFastCGI", "HTTPSyntax", "POSIX", system),

    // What its operators see: log, metrics, the administration's socket.
    module("Observability", "CPOSIX", "HTTPSyntax", "POSIX", logging, system),

    // Who a request is from.
    module("Tokens", "HTTPSyntax", "OpenSSL"),

    // What the project exists for.
    module("Multipart", "HTTPSyntax"),
    module("R2Sign", "HTTPSyntax", "OpenSSL"),
    module("HTTPClient", "HTTPSyntax", "OpenSSL", "POSIX", system),
    module("R2", "HTTPClient", "HTTPSyntax", "R2Sign", "OpenSSL", "POSIX"),
    module("QStash", "HTTPClient", "HTTPSyntax", "OpenSSL", "POSIX"),
    module("Webhook", "HTTPClient", "HTTPSyntax", "OpenSSL", "POSIX"),
    module(
      "Sessions", "Gateway", "Multipart", "HTTPClient", "HTTPSyntax", "QStash", "R2", "R2Sign",
      "OpenSSL", "Postgres", "POSIX", "Observability", "Webhook", logging, system,
      resources: [.embedInCode("Schema/Migrations"), .embedInCode("Schema/Repeated")]),
    .executableTarget(
      name: "sessions-fcgi",
      dependencies: [
        "Sessions", "Gateway", "HTTPClient", "QStash", "R2", "R2Sign", "OpenSSL", "Postgres",
        "POSIX", "Observability", "Tokens", "Webhook",
        arguments, logging, system,
      ], swiftSettings: settings),

    // Tests mirror the modules; the end-to-end tests (Tests/EndToEnd) are Python, since they
    // must know nothing of this code.
    .target(name: "CGNU", path: "Tests/CGNU"),
    .target(
      name: "TestSupport", dependencies: ["CGNU", "POSIX", system], path: "Tests/Support",
      exclude: ["Peer"], swiftSettings: settings),
    tests("HTTPSyntax"),
    tests("POSIX", system),
    tests("OpenSSL", "HTTPSyntax", "POSIX", system),
    tests("Postgres", "POSIX", system),
    tests("Gateway", "POSIX", system),
    tests("Multipart", exclude: ["Clients"]),
    tests("R2Sign", "OpenSSL", exclude: ["Vectors"]),
    tests("HTTPClient", "OpenSSL", "POSIX"),
    tests("R2", "HTTPClient", "R2Sign", "OpenSSL", "POSIX", system),
    tests("QStash", "HTTPClient", "OpenSSL", "POSIX"),
    tests("Webhook", "HTTPClient"),
    tests("Tokens", "OpenSSL", exclude: ["Vectors"]),
    tests("Observability", "POSIX", logging, system),
    tests(
      "Sessions", "Gateway", "Multipart", "HTTPClient", "HTTPSyntax", "R2", "R2Sign", "OpenSSL",
      "Postgres", "POSIX", "Observability", logging, system, exclude: ["Dumps"]),
  ],
  swiftLanguageModes: [.v6]
)

// ThreadSanitizer misreads `Synchronization.Mutex`: in its build (scripts/tsan) that name leads to
// a mutex it knows.
if Context.environment["SESSIONS_TSAN"] != nil {
  for target in package.targets where target.swiftSettings != nil {
    target.dependencies.append("PosixSynchronization")
    target.swiftSettings?.append(
      .unsafeFlags(["-module-alias", "Synchronization=PosixSynchronization"]))
  }
  package.targets.append(
    .target(
      name: "PosixSynchronization", path: "Tests/ThreadSanitizer",
      swiftSettings: settings))
}

// Not in the graph of those who use the libraries: SESSIONS_BENCHMARKS=1 swift run -c release
// benchmarks.
if Context.environment["SESSIONS_BENCHMARKS"] != nil {
  package.targets += [
    .executableTarget(
      name: "benchmarks",
      dependencies: [
        "CGNU", "Gateway", "HTTPClient", "HTTPSyntax", "Multipart", "OpenSSL", "POSIX",
        "Postgres", "R2", "R2Sign", "Sessions", logging, system,
      ],
      path: "Tests/Benchmarks", swiftSettings: settings)
  ]
}

// The fuzzers need a build of their own, with the sanitizers in it: scripts/fuzz.
if Context.environment["SESSIONS_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "Gateway", "HTTPClient", "HTTPSyntax", "Multipart", "OpenSSL", "Postgres", "R2", "R2Sign",
        "Sessions", "Tokens",
      ],
      path: "Tests/Fuzz", exclude: ["Seeds"],
      // libFuzzer brings `main`.
      swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]))
}
