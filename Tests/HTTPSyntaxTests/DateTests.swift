// Dates as HTTP writes them.

import HTTPSyntax
import Testing

@Suite struct `A Date field` {
  @Test(arguments: [
    ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
    ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799),
    ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
  ])
  func `is read in its one form`(text: String, seconds: Int) {
    #expect(secondsSinceEpoch(ofHTTPDate: text) == seconds)
  }

  @Test(arguments: [
    "", "now", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Xxx 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
  ])
  func `in another form is none`(text: String) {
    #expect(secondsSinceEpoch(ofHTTPDate: text) == nil)
  }
}
