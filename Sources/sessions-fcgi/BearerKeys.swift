// The keys for bearer tokens, of which the public ones may change at any time.

internal import FoundationEssentials
internal import Logging
internal import POSIX
internal import Synchronization
internal import SystemPackage
internal import Tokens

/// A secret, and the public keys of a file, which is read again when it has changed.
final class BearerKeys: Sendable {
  private let secret: TokenKey?
  private let file: String?
  private let log: Logger
  private let published: Mutex<Published>

  private struct Published {
    var stamp: FileStamp?
    var keys: [TokenKey] = []
  }

  /// Why the file with keys cannot be used.
  enum Unusable: Error, CustomStringConvertible {
    case unreadable(Errno)
    case keySet(KeySet.Failure)

    var description: String {
      switch self {
      case .unreadable(let error): "the file that AUTH_JWKS_FILE names cannot be read: \(error)"
      case .keySet(let failure): "the file that AUTH_JWKS_FILE names is unusable: \(failure)"
      }
    }
  }

  init(secret: TokenKey?, file: String?, log: Logger) throws(Unusable) {
    self.secret = secret
    self.file = file
    self.log = log
    var first = Published()
    if let file { first = try BearerKeys.read(file, log) }
    published = Mutex(first)
  }

  /// The keys as they are now; where the file cannot be used any more, as they were.
  func current() -> [TokenKey] {
    let own = secret.map { [$0] } ?? []
    guard let file else { return own }
    return own
      + published.withLock { published in
        renew(&published, from: file)
        return published.keys
      }
  }

  private func renew(_ published: inout Published, from file: String) {
    // One that is missing is being replaced.
    guard let stamp = try? FileStamp(ofFileAt: file), stamp != published.stamp else { return }
    published.stamp = stamp
    do throws(Unusable) {
      published = try BearerKeys.read(file, log)
      log.notice("keys read again")
    } catch {
      log.error("the keys stay as they were", metadata: ["cause": .string("\(error)")])
    }
  }

  private static func read(_ file: String, _ log: Logger) throws(Unusable) -> Published {
    // Before the content: what is written in between is read with the next request.
    let stamp: FileStamp
    do throws(Errno) {
      stamp = try FileStamp(ofFileAt: file)
    } catch {
      throw .unreadable(error)
    }
    guard let json = FileManager.default.contents(atPath: file) else {
      throw .unreadable(.permissionDenied)
    }
    do throws(KeySet.Failure) {
      let set = try KeySet(json: Array(json))
      for line in set.passedOver {
        log.warning("a key is passed over", metadata: ["cause": .string(line)])
      }
      return Published(stamp: stamp, keys: set.keys)
    } catch {
      throw .keySet(error)
    }
  }
}
