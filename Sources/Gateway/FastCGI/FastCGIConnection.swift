// One FastCGI request at a time: libfcgi's FCGX_Request with an owner.

internal import CFastCGI
internal import Glibc
package import POSIX
internal import SystemPackage

/// Speaks FastCGI in the responder's role on connections that its owner has accepted.
///
/// A worker thread has one and uses it for one request after another: `begin`, read, write,
/// `finish`. libfcgi's own accept is not used, since nothing but another request wakes it; the
/// fields set in its place are marked private in its header, so tests pin what they do.
@safe
package struct FastCGIConnection: ~Copyable {
  private let request: UnsafeMutablePointer<FCGX_Request>
  /// Whether the bytes in the library's buffer have been lent.
  private var isLent = false
  /// Whether the peer wants to send its next request on this connection.
  package private(set) var asksToKeep = false
  /// Whether the body was read to its clean end.
  package private(set) var hasBodyEnded = false

  /// Makes the library ready. Call it once, before any other thread runs: it is not thread-safe,
  /// and it puts handlers on SIGTERM, SIGUSR1 and SIGPIPE.
  /// The corresponding C function is `FCGX_Init`.
  package static func initializeLibrary() {
    let result = FCGX_Init()
    precondition(result == 0, "FCGX_Init fails only where its own start-up does")
  }

  package init() {
    unsafe request = .allocate(capacity: 1)
    // No listening socket: a failed Accept_r then ends in EBADF instead of waiting for ever.
    unsafe FCGX_InitRequest(request, -1, 0)
  }

  deinit {
    unsafe FCGX_Free(request, 1)
    unsafe request.deallocate()
  }

  /// Takes over an accepted connection and reads the request up to its body.
  ///
  /// - Throws: `.incompleteRequest` when no whole request came; the connection is closed then.
  /// The corresponding C function is `FCGX_Accept_r`.
  package mutating func begin(on connection: consuming OwnedDescriptor) throws(FastCGIError) {
    isLent = false
    hasBodyEnded = false
    unsafe request.pointee.ipcFd = connection.release()
    // Accept_r finishes "the request before" first, and would close our descriptor with it.
    unsafe request.pointee.keepConnection = 1
    let result = unsafe FCGX_Accept_r(request)
    asksToKeep = unsafe request.pointee.keepConnection != 0
    // Whatever the peer asked for: on a kept connection the unread rest of this body would be
    // parsed as the next request, which lets a client forge one with any identity. `finish` sets
    // it again where nothing is left.
    unsafe request.pointee.keepConnection = 0
    guard result == 0 else { throw .incompleteRequest }
    // Accept_r also succeeds on parameters that were cut off half way.
    guard unsafe FCGX_GetError(request.pointee.in) == 0 else {
      finish()
      throw .incompleteRequest
    }
  }

  /// How long the peer may send or take nothing from now on.
  package mutating func setTimeout(_ timeout: Duration) throws(FastCGIError) {
    do throws(Errno) {
      try setSocketTimeouts(of: unsafe request.pointee.ipcFd, to: timeout)
    } catch {
      throw .connectionLost(error)
    }
  }

  /// Calls `body` with the name and the value of each parameter, in the order they came.
  /// Names can repeat. The bytes are valid only during the call.
  package func forEachParameter(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
    guard var next = unsafe request.pointee.envp else { return }
    while let parameter = unsafe next.pointee {
      let text = unsafe UnsafeBufferPointer(
        start: UnsafeRawPointer(parameter).assumingMemoryBound(to: UInt8.self),
        count: strlen(parameter))
      // A name cannot hold "=" here: the library joins name and value with the first one.
      if let end = unsafe strchr(parameter, CInt(UInt8(ascii: "="))) {
        let separator = unsafe end - parameter
        let span = unsafe text.span
        body(span.extracting(..<separator), span.extracting((separator + 1)...))
      }
      unsafe next += 1
    }
  }

  /// Waits for the next bytes of the body, which `withBody` then lends where they lie in the
  /// library's buffer.
  ///
  /// - Returns: false at the end of a body that came whole, as far as FastCGI can tell; compare
  ///   the count with the announced length.
  /// - Throws: `.bodyTruncated`, `.timedOut` or `.connectionLost`.
  package mutating func receiveBody() throws(FastCGIError) -> Bool {
    guard let stream = unsafe request.pointee.in else { return false }
    if isLent {
      // What was lent is used up. Ungetting is not used; without the second line the library would
      // offer room that was consumed.
      unsafe stream.pointee.rdNext = stream.pointee.stop
      unsafe stream.pointee.stopUnget = stream.pointee.stop
    }
    isLent = true
    if unsafe stream.pointee.rdNext == stream.pointee.stop {
      guard unsafe stream.pointee.isClosed == 0 else { return try endOfBody() }
      unsafe stream.pointee.fillBuffProc(stream)
    }
    guard let start = unsafe stream.pointee.rdNext, let stop = unsafe stream.pointee.stop,
      unsafe start < stop
    else { return try endOfBody() }
    return true
  }

  /// Lends the bytes that came last; they are valid only during the call.
  package func withBody<Value: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    guard let stream = unsafe request.pointee.in, let start = unsafe stream.pointee.rdNext,
      let stop = unsafe stream.pointee.stop
    else { return try body(Span()) }
    let piece = unsafe UnsafeBufferPointer(start: UnsafePointer(start), count: stop - start)
    return try unsafe body(piece.span)
  }

  private mutating func endOfBody() throws(FastCGIError) -> Bool {
    // A cut-off body looks like a normal end but for the stream's error.
    try check(unsafe FCGX_GetError(request.pointee.in), orElse: .bodyTruncated)
    hasBodyEnded = true
    return false
  }

  /// Sends bytes of the response; they may wait in the library's 8 KiB buffer until `finish`.
  /// The corresponding C function is `FCGX_PutStr`.
  package mutating func write(_ bytes: Span<UInt8>) throws(FastCGIError) {
    guard let stream = unsafe request.pointee.out else { throw .incompleteRequest }
    let written = unsafe bytes.withUnsafeBytes { buffer in
      unsafe FCGX_PutStr(
        buffer.baseAddress?.assumingMemoryBound(to: CChar.self), CInt(buffer.count), stream)
    }
    if written != bytes.count {
      try check(unsafe FCGX_GetError(stream), orElse: .connectionLost(.brokenPipe))
      throw .connectionLost(.brokenPipe)
    }
  }

  /// Whether the peer has closed the connection: web servers do so when their client goes.
  package var isPeerGone: Bool { hasHungUp(unsafe request.pointee.ipcFd) }

  /// Ends the request, after what was written has been sent.
  ///
  /// - Returns: the connection, for the next request, where the peer asked to keep it, all of this
  ///   request and nothing of another was read, and all of the response sent; otherwise it is
  ///   closed.
  /// The corresponding C function is `FCGX_Finish_r`.
  @discardableResult
  package mutating func finish() -> OwnedDescriptor? {
    // The library would forget what came after this request, and the rest be parsed as one.
    let isAtEnd =
      unsafe hasBodyEnded && request.pointee.in.map { unsafe cfastcgi_has_more($0) == 0 } ?? false
    unsafe request.pointee.keepConnection = asksToKeep && isAtEnd ? 1 : 0
    unsafe FCGX_Finish_r(request)
    let number = unsafe request.pointee.ipcFd
    guard number >= 0 else { return nil }
    // Or the library would close it with the next request, or at the end.
    unsafe request.pointee.ipcFd = -1
    return OwnedDescriptor(owning: number)
  }

  /// Turns the library's error number into ours: positive ones are errno, negative ones its own.
  private func check(_ code: CInt, orElse protocolError: FastCGIError) throws(FastCGIError) {
    guard code != 0 else { return }
    guard code > 0 else { throw protocolError }
    let error = Errno(rawValue: code)
    throw error == .wouldBlock ? .timedOut : .connectionLost(error)
  }
}
