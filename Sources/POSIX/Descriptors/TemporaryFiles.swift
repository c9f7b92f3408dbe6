// Files without a name that one upload after the other writes to.

internal import Glibc
internal import Synchronization
package import SystemPackage

/// Nameless files in one directory, lent to one user after the other.
///
/// To make a file and remove it is dearer than to empty it: the file system looks for a free inode,
/// and has it survive a crash until it is gone. There are as many as were ever lent at once.
package final class TemporaryFiles: Sendable {
  private let directory: String
  /// The numbers of the empty files that nobody uses. They are owned.
  private let idle = Mutex<[CInt]>([])

  package init(in directory: String) { self.directory = directory }

  deinit {
    idle.withLock { for number in $0 { _ = OwnedDescriptor(owning: number) } }
  }

  /// Lends an empty file, which is made unless one has come back.
  package func lend() throws(Errno) -> TemporaryFile {
    if let number = idle.withLock({ $0.popLast() }) {
      return TemporaryFile(OwnedDescriptor(owning: number), of: self)
    }
    return TemporaryFile(try .temporaryFile(in: directory), of: self)
  }

  /// Takes a file back without what is in it, or closes it if it cannot be emptied.
  fileprivate func takeBack(_ file: consuming OwnedDescriptor) {
    guard (try? retrying({ ftruncate(file.number, 0) })) != nil else { return }
    let number = file.release()
    idle.withLock { $0.append(number) }
  }
}

/// A nameless file that is lent: what is written to it, and its room, are gone with this owner.
package struct TemporaryFile: ~Copyable, Sendable {
  /// For reading at offsets.
  package let descriptor: OwnedDescriptor
  package private(set) var byteCount = 0
  private let files: TemporaryFiles
  private var hasFailed = false

  fileprivate init(_ descriptor: consuming OwnedDescriptor, of files: TemporaryFiles) {
    self.descriptor = descriptor
    self.files = files
  }

  deinit {
    // Its disk may have failed: the next user gets another one.
    if hasFailed { return }
    files.takeBack(descriptor)
  }

  /// Writes all of `bytes` at the end. The corresponding C function is `pwrite`.
  package mutating func append(_ bytes: Span<UInt8>) throws(Errno) {
    do throws(Errno) {
      try descriptor.writeAll(bytes, at: byteCount)
    } catch {
      hasFailed = true
      throw error
    }
    byteCount += bytes.count
  }
}
