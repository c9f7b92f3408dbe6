// Programs that tests start and that end with the tests.

internal import Glibc
internal import POSIX
internal import SystemPackage

/// A shell that runs a script: it starts a server, prints one line, then waits for its standard
/// input to end, which only the end of this process brings about, and cleans up.
struct SupervisingShell: Sendable {
  private let input: CInt
  private let output: CInt

  /// Starts `sh -c script`.
  init(_ script: String, arguments: [String]) throws {
    let toShell = try Self.pipe()
    let fromShell = try Self.pipe()
    defer {
      _ = close(toShell.read)
      _ = close(fromShell.write)
    }
    _ = try spawn(
      ["sh", "-c", script, "sh"] + arguments, input: toShell.read, output: fromShell.write)
    input = toShell.write
    output = fromShell.read
  }

  private static func pipe() throws(Errno) -> (read: CInt, write: CInt) {
    var ends: [CInt] = [0, 0]
    _ = try retrying { unsafe Glibc.pipe(&ends) }
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
