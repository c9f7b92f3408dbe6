// The owner of an `SSL`, and how its calls on a non-blocking descriptor are completed.

internal import COpenSSL
internal import Glibc
internal import POSIX
internal import SystemPackage

/// Owns an `SSL` over a descriptor that somebody else keeps open.
@safe struct TLSHandle: ~Copyable {
  private let connection: OpaquePointer
  private let descriptor: CInt

  init(owning connection: OpaquePointer, over descriptor: CInt) {
    unsafe self.connection = unsafe connection
    self.descriptor = descriptor
  }

  deinit { unsafe SSL_free(connection) }

  /// Asks for `host`, and for a certificate that is good for it.
  func expect(_ host: String) throws(OpenSSLError) {
    ERR_clear_error()
    // An address is matched against the certificate's addresses, never against its names.
    if unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host) == 1 { return }
    ERR_clear_error()
    unsafe SSL_set_hostflags(connection, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
    guard unsafe SSL_set1_host(connection, host) == 1,
      unsafe copenssl_set_server_name(connection, host) == 1
    else { throw .library(.last()) }
  }

  func performHandshake(until deadline: Deadline) throws(OpenSSLError) {
    do throws(OpenSSLError) {
      // close_notify in the middle of it proves nothing about the peer.
      guard try unsafe complete(until: deadline, { unsafe SSL_connect($0) }) > 0 else {
        throw .closedUnexpectedly
      }
    } catch {
      let verification = unsafe SSL_get_verify_result(connection)
      guard verification == Int(X509_V_OK) else {
        throw .certificateRefused(VerificationCode(rawValue: verification))
      }
      throw error
    }
  }

  func read(
    into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline
  ) throws(OpenSSLError) -> Int {
    try unsafe complete(until: deadline) { connection in
      unsafe SSL_read(connection, buffer.baseAddress, CInt(clamping: buffer.count))
    }
  }

  func write(
    _ bytes: UnsafeRawBufferPointer, until deadline: Deadline
  ) throws(OpenSSLError) -> TLSConnection.WriteResult {
    while true {
      let step = try unsafe attempt(until: deadline) { connection in
        unsafe SSL_write(connection, bytes.baseAddress, CInt(bytes.count))
      }
      switch step {
      case .done: return .written
      case .ended: return .answered
      case .needs(.readable): try wait(for: .readable, until: deadline)
      case .needs:
        if hasResponse() { return .answered }
        try wait(for: .readableOrWritable, until: deadline)
      }
    }
  }

  /// Whether the peer sent data or ended the connection. Looking into the bytes is needed because
  /// TLS 1.3 sends session tickets after the handshake, which are no response.
  func hasResponse() -> Bool {
    guard isReadable else { return false }
    ERR_clear_error()
    var byte: UInt8 = 0
    let result = unsafe SSL_peek(connection, &byte, 1)
    guard result <= 0 else { return true }
    let error = unsafe SSL_get_error(connection, result)
    return error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE
  }

  /// Whether there is something to read now, the end included: decrypted already, or on its way.
  var isReadable: Bool {
    if unsafe SSL_pending(connection) > 0 { return true }
    var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&polled, 1, 0) > 0
  }

  func sendCloseNotify() {
    ERR_clear_error()
    // The peer may be gone already, so failing does not matter.
    _ = unsafe SSL_shutdown(connection)
  }

  // MARK: - Steps

  /// How one call ended.
  private enum Step {
    /// As many bytes, or 1.
    case done(Int)
    /// The peer ended the connection in order.
    case ended
    /// The same call again, once the descriptor is ready.
    case needs(Readiness)
  }

  /// Makes one call. OpenSSL keeps errors in a queue per thread, and `SSL_get_error` takes whatever
  /// is in it for this call's: hence the queue is emptied first.
  private func attempt(
    until deadline: Deadline, _ call: (OpaquePointer) -> CInt
  ) throws(OpenSSLError) -> Step {
    // Against a peer that keeps sending, the deadline would otherwise never be checked.
    if deadline.hasPassed { throw .timedOut }
    ERR_clear_error()
    errno = 0
    let result = unsafe call(connection)
    let error = Errno(rawValue: errno)
    if result > 0 { return .done(Int(result)) }
    switch unsafe SSL_get_error(connection, result) {
    case SSL_ERROR_WANT_READ: return .needs(.readable)
    case SSL_ERROR_WANT_WRITE: return .needs(.writable)
    case SSL_ERROR_ZERO_RETURN: return .ended
    case SSL_ERROR_SYSCALL:
      throw error.rawValue == 0 ? .closedUnexpectedly : .system(error)
    default:
      let code = LibraryCode.first()
      throw code.reason == SSL_R_UNEXPECTED_EOF_WHILE_READING
        ? .closedUnexpectedly : .library(code)
    }
  }

  /// Repeats a call until it is complete; 0 when the peer ended the connection in order.
  private func complete(
    until deadline: Deadline, _ call: (OpaquePointer) -> CInt
  ) throws(OpenSSLError) -> Int {
    while true {
      switch try unsafe attempt(until: deadline, call) {
      case .done(let count): return count
      case .ended: return 0
      case .needs(let readiness): try wait(for: readiness, until: deadline)
      }
    }
  }

  private func wait(for readiness: Readiness, until deadline: Deadline) throws(OpenSSLError) {
    do throws(Errno) {
      if try POSIX.wait(for: readiness, on: descriptor, until: deadline) { return }
    } catch {
      throw .system(error)
    }
    throw .timedOut
  }
}
