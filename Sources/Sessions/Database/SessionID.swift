// Ids in the form of the app's own.

package import OpenSSL

/// Makes ids that look like Prisma's `cuid()`: `c` and 24 of `[0-9a-z]`.
///
/// All 24 are random (124 bits), where a cuid has a clock and a counter: an id then says nothing
/// about when or where it was made, and nothing has to be shared between processes.
package enum SessionID {
  package static func make() throws(OpenSSLError) -> String {
    let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)
    var id: [UInt8] = [UInt8(ascii: "c")]
    id.reserveCapacity(25)
    while id.count < 25 {
      let random: InlineArray<32, UInt8> = try RandomBytes.make()
      for index in random.indices where id.count < 25 {
        // 252 is the largest multiple of 36 in a byte; the rest would favour some digits.
        if random[index] < 252 { id.append(alphabet[Int(random[index] % 36)]) }
      }
    }
    return String(decoding: id, as: UTF8.self)
  }
}
