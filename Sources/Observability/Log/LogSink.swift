// Where the log's lines go: standard error, or a file that can be exchanged while we write.

internal import CPOSIX
internal import Glibc
internal import POSIX
package import SystemPackage

/// Takes whole lines from any number of threads, each with one system call.
///
/// The file is opened for appending, so that lines of several processes never overwrite each other.
package final class LogSink: Sendable {
  private let path: String?
  private let file: OwnedDescriptor?
  private let number: CInt
  /// Whether the lines go to systemd's journal, which reads a priority at their beginning.
  let isJournal: Bool

  /// Standard error.
  ///
  /// - Parameter journal: the value of `JOURNAL_STREAM`, by which systemd says that standard error
  ///   is a stream of the journal: device and inode. See systemd.exec(5).
  package init(journal: String? = nil) {
    path = nil
    file = nil
    number = STDERR_FILENO
    isJournal = journal.map(LogSink.isStandardError) ?? false
  }

  /// A child of the service's, or a shell that inherited the variable, may write elsewhere.
  private static func isStandardError(_ stream: String) -> Bool {
    var status = stat()
    guard unsafe fstat(STDERR_FILENO, &status) == 0 else { return false }
    return stream == "\(status.st_dev):\(status.st_ino)"
  }

  /// A file, made if it is not there, for its owner and group to read.
  package init(path: String) throws(Errno) {
    let file = try LogSink.open(path)
    self.path = path
    number = file.number
    isJournal = false
    self.file = consume file
  }

  /// Opens the file at the path anew, after whoever rotates logs has moved the old one away.
  /// Every line goes to one of the two: the descriptor keeps its number, and the file behind it is
  /// replaced atomically. The corresponding C function is `dup3`.
  ///
  /// - Throws: why the file could not be opened; the old one is then kept.
  package func reopen() throws(Errno) {
    guard let path else { return }
    let new = try LogSink.open(path)
    _ = try retrying { cposix_replace(new.number, number) }
  }

  /// Writes a line, its line break included.
  package func write(_ line: Span<UInt8>) {
    if LogSink.write(line, to: number) || number == STDERR_FILENO { return }
    // A full disk, which may have taken a part: standard error may still take the whole line. If it
    // does not, the line is lost.
    _ = LogSink.write(line, to: STDERR_FILENO)
  }

  private static func open(_ path: String) throws(Errno) -> OwnedDescriptor {
    let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC
    return OwnedDescriptor(owning: try retrying { unsafe Glibc.open(path, flags, 0o640) })
  }

  private static func write(_ line: Span<UInt8>, to number: CInt) -> Bool {
    let written = unsafe line.withUnsafeBytes { bytes in
      try? retrying { unsafe Glibc.write(number, bytes.baseAddress, bytes.count) }
    }
    return written == line.count
  }
}
