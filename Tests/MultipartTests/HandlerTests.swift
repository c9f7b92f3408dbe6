// A handler that refuses ends the parse.

import Multipart
import Testing

@Suite struct HandlerTests {
  struct Refusal: Error, Equatable {}

  /// Refuses the event of a given number.
  struct Refuser: MultipartHandler {
    let refused: Int
    var seen = 0

    private mutating func event() throws(Refusal) {
      seen += 1
      if seen == refused { throw Refusal() }
    }

    mutating func partBegan(_ headers: PartHeaders) throws(Refusal) { try event() }
    mutating func bodyReceived(_ bytes: Span<UInt8>) throws(Refusal) { try event() }
    mutating func partEnded() throws(Refusal) { try event() }
    mutating func messageEnded() throws(Refusal) { try event() }
  }

  @Test("No event follows the one that a handler refused", arguments: 1...7)
  func refusal(number: Int) throws {
    let message = Array((part("a", "v") + part("c", "w") + "--b--\r\n").utf8)
    var parser = MultipartParser(boundary: try boundary("b"), limits: roomyLimits)
    var refuser = Refuser(refused: number)
    var failure: MultipartFailure<Refusal>?
    do throws(MultipartFailure<Refusal>) {
      try parser.parse(message.span, into: &refuser)
    } catch {
      failure = error
    }
    #expect(failure == .handler(Refusal()))
    #expect(refuser.seen == number)
  }

  @Test("A refusal of the end is passed on where the input's end makes it")
  func refusalAtTheEnd() throws {
    var parser = MultipartParser(boundary: try boundary("b"), limits: roomyLimits)
    var refuser = Refuser(refused: 1)
    try parser.parse(Array("--b--".utf8).span, into: &refuser)
    #expect(refuser.seen == 0)
    var failure: MultipartFailure<Refusal>?
    do throws(MultipartFailure<Refusal>) {
      try parser.finish(into: &refuser)
    } catch {
      failure = error
    }
    #expect(failure == .handler(Refusal()))
  }

  @Test("The bytes lent are those of the piece, not a copy")
  func borrowedBytes() throws {
    struct AddressReader: MultipartHandler {
      var addresses: [UInt] = []
      mutating func partBegan(_ headers: PartHeaders) throws(Never) {}
      mutating func bodyReceived(_ bytes: Span<UInt8>) throws(Never) {
        unsafe bytes.withUnsafeBufferPointer { buffer in
          addresses.append(UInt(bitPattern: buffer.baseAddress))
        }
      }
    }
    var parser = MultipartParser(boundary: try boundary("b"), limits: roomyLimits)
    var reader = AddressReader()
    let head = Array("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n".utf8)
    let piece = [UInt8](repeating: 0x61, count: 1000)
    try parser.parse(head.span, into: &reader)
    try parser.parse(piece.span, into: &reader)
    let address = unsafe piece.span.withUnsafeBufferPointer { buffer in
      UInt(bitPattern: buffer.baseAddress)
    }
    #expect(reader.addresses == [address])
  }
}
