// A file that gets its name once it is whole.

internal import CPOSIX
internal import Glibc
package import SystemPackage

/// A file that is written without a name and then gets one, which must not be taken.
///
/// Whatever ends the process before that, nothing is left. Only its owner may read it.
package struct WholeFile: ~Copyable {
  package let descriptor: OwnedDescriptor
  private let path: String

  /// Begins the file that is to be `path`.
  ///
  /// - Throws: `.fileExists` where there is one already; `.notSupported` where the file system
  ///   cannot hold a file without a name. The corresponding C function is `open` (`O_TMPFILE`).
  package init(_ path: String) throws(Errno) {
    if unsafe access(path, F_OK) == 0 { throw .fileExists }
    let directory = FilePath(path).removingLastComponent().string
    let number: CInt
    do {
      number = try retrying { unsafe cposix_open_linkable(directory.isEmpty ? "." : directory) }
    } catch .isDirectory {
      throw .notSupported
    }
    descriptor = OwnedDescriptor(owning: number)
    self.path = path
  }

  /// Gives the file its name, once its bytes are on the disk.
  ///
  /// The corresponding C functions are `fsync` and `linkat`.
  package consuming func finish() throws(Errno) {
    _ = try retrying { fsync(descriptor.number) }
    _ = try retrying {
      unsafe linkat(
        AT_FDCWD, "/proc/self/fd/\(descriptor.number)", AT_FDCWD, path, AT_SYMLINK_FOLLOW)
    }
  }
}

extension OwnedDescriptor {
  /// Another descriptor for standard output.
  package static func standardOutput() throws(Errno) -> OwnedDescriptor {
    OwnedDescriptor(owning: try copyNumber(of: STDOUT_FILENO))
  }

  /// Another descriptor for the same file, and the same position in it.
  package func duplicate() throws(Errno) -> OwnedDescriptor {
    OwnedDescriptor(owning: try copyNumber(of: number))
  }
}

/// The corresponding C function is `fcntl` (`F_DUPFD_CLOEXEC`).
private func copyNumber(of number: CInt) throws(Errno) -> CInt {
  try retrying { fcntl(number, F_DUPFD_CLOEXEC, 3) }
}
