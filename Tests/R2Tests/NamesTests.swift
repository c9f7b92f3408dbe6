// What a bucket and an object may be called.

import R2
import Testing

@Suite struct `Names` {
  @Test(arguments: [
    ("recordings", true), ("a.b-c_d", true), ("", false), (".", false), ("..", false),
    ("a/b", false), ("a b", false), ("é", false),
  ])
  func `bucket names are one segment of a path`(text: String, good: Bool) {
    #expect((BucketName(text) != nil) == good)
  }

  @Test(arguments: [(0, false), (1, true), (1024, true), (1025, false)])
  func `object keys have 1 to 1024 bytes`(count: Int, good: Bool) {
    #expect((ObjectKey(String(repeating: "k", count: count)) != nil) == good)
  }
}
