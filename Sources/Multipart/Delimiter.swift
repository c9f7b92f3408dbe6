// Finding `CRLF "--" boundary` in a piece of a body.

internal import HTTPSyntax

/// The delimiter of a message, and the search for it.
///
/// CR stands at the delimiter's beginning and, since `bchars` has none, nowhere else in it. So two
/// possible matches never overlap: what has matched in vain holds no beginning of another match,
/// and the search is linear whatever the peer sends.
struct Delimiter: Sendable {
  let bytes: [UInt8]

  private typealias Block = SIMD64<UInt8>

  /// Where a match begins in a piece, and how many bytes match: all of the delimiter, or as many
  /// as the piece has left. No match is a match of 0 bytes at the piece's end.
  struct Match {
    let start: Int
    let length: Int
    var end: Int { start + length }
  }

  init(_ boundary: Boundary) {
    bytes = [ASCII.carriageReturn, ASCII.lineFeed, ASCII.dash, ASCII.dash] + boundary.bytes
  }

  var count: Int { bytes.count }

  /// Finds the first match at or after `start`, and adds to `steps` how many bytes it looked at: no
  /// byte more than once in a block, once as a beginning and once in comparing.
  func firstMatch(in piece: Span<UInt8>, from start: Int, steps: inout StepCount) -> Match {
    var index = start
    while index < piece.count {
      let quiet = endOfQuietBlocks(in: piece, from: index)
      let blockEnd = min(quiet + Block.scalarCount, piece.count)
      steps.add(blockEnd - index)
      index = quiet
      while index < blockEnd {
        steps.add(1)
        if piece[index] != ASCII.carriageReturn {
          index += 1
          continue
        }
        let match = Match(start: index, length: matchLength(in: piece, from: index))
        steps.add(match.length)
        if match.length == count || match.end == piece.count { return match }
        index = match.end
      }
    }
    return Match(start: piece.count, length: 0)
  }

  /// How many bytes of `piece` from `start` on are the delimiter's from `matched` on.
  func matchLength(in piece: Span<UInt8>, from start: Int, after matched: Int = 0) -> Int {
    let delimiter = bytes.span
    let limit = min(delimiter.count - matched, piece.count - start)
    var length = 0
    while length < limit, piece[start + length] == delimiter[matched + length] { length += 1 }
    return length
  }

  /// Passes over blocks of which no byte is a CR with a dash two bytes on. (A CR alone is too
  /// common in text to be worth a closer look.)
  private func endOfQuietBlocks(in piece: Span<UInt8>, from start: Int) -> Int {
    let carriageReturn = Block(repeating: ASCII.carriageReturn)
    let dash = Block(repeating: ASCII.dash)
    return unsafe piece.withUnsafeBytes { bytes in
      var index = start
      // The last index at which both loads stay inside the piece.
      let lastStart = bytes.count - Block.scalarCount - 2
      while index <= lastStart {
        let first = unsafe bytes.loadUnaligned(fromByteOffset: index, as: Block.self)
        let third = unsafe bytes.loadUnaligned(fromByteOffset: index + 2, as: Block.self)
        let both = (first .== carriageReturn) .& (third .== dash)
        let words = unsafe unsafeBitCast(both, to: SIMD8<UInt64>.self)
        let half = words.lowHalf | words.highHalf
        let quarter = half.lowHalf | half.highHalf
        if quarter[0] | quarter[1] != 0 { break }
        index += Block.scalarCount
      }
      return index
    }
  }
}
