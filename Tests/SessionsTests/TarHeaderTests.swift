// What stands before a file of an archive. That tar and Python read it is in test_export.py.

import Testing

@testable import Sessions

@Suite struct `The header of an archive's file` {
  private func text(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The records between the two headers.
  private func records(_ header: [UInt8]) -> String {
    text(header.dropFirst(TarHeader.blockBytes))
  }

  @Test func `is one block where that holds all`() {
    let path = String(repeating: "p", count: 100)
    let header = TarHeader.file(path, byteCount: 0o777_7777_7777, modifiedAt: 1)
    #expect(header.count == TarHeader.blockBytes)
    #expect(text(header) == path + "0000600")
    #expect(text(header[124...]) == "77777777777")
  }

  @Test func `has a record for a size of 8 GiB`() {
    let header = TarHeader.file("a", byteCount: 8 << 30, modifiedAt: 1)
    #expect(header.count == 3 * TarHeader.blockBytes)
    #expect(records(header) == "19 size=8589934592\n")
    #expect(text(header[124...]) == "00000000023")
  }

  @Test(arguments: [101, 988, 989, 990, 991, 992, 9_988, 9_989, 9_990, 20_000])
  func `has a record for a long path, whose length counts itself`(count: Int) throws {
    let path = String(repeating: "p", count: count)
    let header = TarHeader.file(path, byteCount: 1, modifiedAt: 1)
    #expect(header.count.isMultiple(of: TarHeader.blockBytes))
    let record = records(header)
    let parts = record.split(separator: " ", maxSplits: 1)
    #expect(Int(parts[0]) == record.utf8.count)
    #expect(parts[1] == "path=\(path)\n")
  }

  @Test(arguments: [(0, 0), (1, 511), (511, 1), (512, 0), (513, 511)])
  func `is after a file's last block`(byteCount: Int, padding: Int) {
    #expect(TarHeader.paddingBytes(after: byteCount) == padding)
  }
}
