// Whether a file is still the one that was read.

internal import Glibc
package import SystemPackage

/// What changes with a file's content: which file it is, its size, and when it was written.
package struct FileStamp: Equatable, Sendable {
  private let device, inode: UInt64
  private let size, seconds, nanoseconds: Int

  /// The corresponding C function is `stat`.
  package init(ofFileAt path: String) throws(Errno) {
    var status = stat()
    _ = try retrying { unsafe stat(path, &status) }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int(status.st_size)
    seconds = status.st_mtim.tv_sec
    nanoseconds = status.st_mtim.tv_nsec
  }
}
