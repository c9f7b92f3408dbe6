// Programs that tests start and that end with the tests.

internal import Glibc
internal import SystemPackage

/// A shell that runs a script: it starts a server, prints one line, then waits for its standard
/// input to end, which only the end of this process brings about, and cleans up.
struct SupervisingShell: Sendable {
  private let input: CInt
  private let output: CInt

  /// Starts `/bin/sh -c script` in a process group of its own, out of reach of Ctrl-C.
  init(_ script: String, arguments: [String]) throws {
    let toShell = try Self.pipe()
    let fromShell = try Self.pipe()
    defer {
      _ = close(toShell.read)
      _ = close(fromShell.write)
    }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, toShell.read, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, fromShell.write, 1)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    let words = ["sh", "-c", script, "sh"] + arguments
    var argv = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { unsafe argv.forEach { unsafe free($0) } }
    var child = pid_t()
    let result = unsafe posix_spawn(&child, "/bin/sh", &actions, &attributes, &argv, environ)
    guard result == 0 else { throw Errno(rawValue: result) }
    input = toShell.write
    output = fromShell.read
  }

  /// Both ends are close-on-exec, so that no other child keeps the shell alive.
  private static func pipe() throws -> (read: CInt, write: CInt) {
    var ends: [CInt] = [0, 0]
    guard unsafe Glibc.pipe(&ends) == 0 else { throw Errno(rawValue: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  /// What the shell prints up to a newline or its end.
  func readLine() -> String {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while unsafe read(output, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
    return String(decoding: line, as: UTF8.self)
  }
}

/// Makes an empty directory with a path short enough for a Unix socket in it.
func makeTemporaryDirectory() throws -> String {
  var path = Array("/tmp/sf-test-XXXXXX".utf8CString)
  guard unsafe mkdtemp(&path) != nil else { throw Errno(rawValue: errno) }
  return String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
