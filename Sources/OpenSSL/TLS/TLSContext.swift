// What all TLS connections of the process share: whom to trust, and how.

internal import COpenSSL
internal import Glibc
internal import Synchronization

/// The client side of TLS 1.2 and 1.3 with certificates verified; nothing switches that off.
///
/// Reading the authorities costs tens of milliseconds, so a process makes one and keeps it, and one
/// that may need none reads them only when it does.
/// The corresponding C type is `SSL_CTX`.
package final class TLSContext: Sendable {
  private let additionalAuthorities: String?
  /// nil until they are needed.
  private let handles: Mutex<Handles?>

  /// Trusts the system's authorities (OpenSSL's default places, or `SSL_CERT_FILE` and
  /// `SSL_CERT_DIR` of the environment) and those in the PEM file `additionalAuthorities`.
  ///
  /// - Throws: `.authorityFileUnusable`; `.noAuthorities` when all of it together gives none.
  package init(additionalAuthorities: String? = nil) throws(OpenSSLError) {
    self.additionalAuthorities = additionalAuthorities
    handles = Mutex(try Handles(additionalAuthorities: additionalAuthorities))
  }

  /// Trusts the same, but reads it for the first connection, which then fails of what it would
  /// have thrown.
  package init(readingWhenNeeded additionalAuthorities: String?) {
    self.additionalAuthorities = additionalAuthorities
    handles = Mutex(nil)
  }

  /// A new `SSL` over `descriptor`, which the caller keeps open for as long as that lives, as it
  /// keeps this context.
  func makeHandle(over descriptor: CInt) throws(OpenSSLError) -> TLSHandle {
    try handles.withLock { (handles) throws(OpenSSLError) in
      if let connection = try handles?.connection(over: descriptor) { return connection }
      let read = try Handles(additionalAuthorities: additionalAuthorities)
      let connection = try read.connection(over: descriptor)
      handles = consume read
      return connection
    }
  }
}

/// The C handles behind a context.
private struct Handles: ~Copyable {
  let context: ContextHandle
  let socketMethod: SocketMethod

  init(additionalAuthorities: String?) throws(OpenSSLError) {
    let context = try ContextHandle()
    try context.trust(additionalAuthorities: additionalAuthorities)
    socketMethod = try SocketMethod()
    self.context = context
  }

  func connection(over descriptor: CInt) throws(OpenSSLError) -> TLSHandle {
    ERR_clear_error()
    guard let connection = unsafe SSL_new(context.pointer) else { throw .library(.last()) }
    let owned = unsafe TLSHandle(owning: connection, over: descriptor)
    let method = unsafe socketMethod.pointer
    guard unsafe copenssl_set_socket(connection, method, descriptor) == 1 else {
      throw .library(.last())
    }
    return owned
  }
}

/// Owns an `SSL_CTX`.
@safe private struct ContextHandle: ~Copyable {
  let pointer: OpaquePointer

  init() throws(OpenSSLError) {
    ERR_clear_error()
    guard let pointer = unsafe SSL_CTX_new(TLS_client_method()) else { throw .library(.last()) }
    unsafe self.pointer = unsafe pointer
    unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
    precondition(unsafe copenssl_require_tls12(pointer) == 1, "this OpenSSL has no TLS 1.2")
  }

  func trust(additionalAuthorities: String?) throws(OpenSSLError) {
    ERR_clear_error()
    guard unsafe SSL_CTX_set_default_verify_paths(pointer) == 1 else { throw .library(.last()) }
    if let file = additionalAuthorities {
      guard unsafe SSL_CTX_load_verify_file(pointer, file) == 1 else {
        throw .authorityFileUnusable(.first())
      }
    }
    let count = unsafe copenssl_authority_count(pointer)
    guard count > 0 || hasAuthorityDirectory() else { throw .noAuthorities }
  }

  deinit { unsafe SSL_CTX_free(pointer) }
}

/// Owns the `BIO_METHOD` of sockets that raise no SIGPIPE.
@safe private struct SocketMethod: ~Copyable {
  let pointer: OpaquePointer

  init() throws(OpenSSLError) {
    ERR_clear_error()
    guard let pointer = unsafe copenssl_socket_method() else { throw .library(.last()) }
    unsafe self.pointer = unsafe pointer
  }

  deinit { unsafe BIO_meth_free(pointer) }
}

/// Whether a directory that OpenSSL searches on demand holds anything. Images without the
/// certificates' package lack them, and then every handshake would fail in a way that blames the
/// peer.
private func hasAuthorityDirectory() -> Bool {
  let paths: String
  if let configured = unsafe getenv(X509_get_default_cert_dir_env()) {
    paths = unsafe String(cString: configured)
  } else {
    paths = unsafe String(cString: X509_get_default_cert_dir())
  }
  return paths.split(separator: ":").contains { holdsAuthorities(String($0)) }
}

private func holdsAuthorities(_ path: String) -> Bool {
  guard let directory = unsafe opendir(path) else { return false }
  defer { unsafe closedir(directory) }
  while let entry = unsafe readdir(directory) {
    // Entries are found by the hash of a subject's name: `5ed36f99.0`.
    let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { name in
      unsafe Array(name.prefix { $0 != 0 })
    }
    if name.count > 2 && name.suffix(2).elementsEqual(".0".utf8) { return true }
  }
  return false
}
