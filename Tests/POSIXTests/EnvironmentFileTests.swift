// Files of environment variables, as systemd reads them.

import POSIX
import Testing

@Suite struct `Environment files` {
  @Test(
    arguments: [
      ("", [:]),
      ("A=1\nB=2", ["A": "1", "B": "2"]),
      ("  A =  one two  \r\n\tB\t=\n", ["A": "one two", "B": ""]),
      ("# A=1\n  ; B=2\n#C=3 \\\nD=4\n\n", ["D": "4"]),
      ("URL=postgresql://u:p@h/d?a=1&b=2#c;d", ["URL": "postgresql://u:p@h/d?a=1&b=2#c;d"]),
      ("A='x y  '\nB=\"  z\"  \n", ["A": "x y  ", "B": "  z"]),
      ("A='it''s' \" \"ok", ["A": "its ok"]),
      ("A=it's \"fine\"\n", ["A": "it's \"fine\""]),
      (#"A='\$\n' "\$\"\\\`\n" \x\\"#, ["A": #"\$\n$"\`\nx\"#]),
      ("A=one\\\n two\\\n\nB=\"one\\\n two\"", ["A": "one two", "B": "one two"]),
      ("A='1\n2'\n", ["A": "1\n2"]),
      ("A=1\nA=2", ["A": "2"]),
      ("Ä=1", nil), ("1A=1", nil), ("A B=1", nil), ("=1", nil), ("export A=1", nil), ("A", nil),
      ("A='1", nil), ("A=\"1\\", nil), ("A=\0", nil),
    ] as [(String, [String: String]?)])
  func `are read as systemd reads them`(text: String, variables: [String: String]?) {
    let parsed = try? EnvironmentFile.parse(Array(text.utf8))
    #expect(
      parsed.map { Dictionary($0.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }) }
        == variables)
  }

  @Test func `tell which line is wrong`() {
    #expect(throws: EnvironmentFileError.notAnAssignment(line: 3)) {
      try EnvironmentFile.parse(Array("A='1\n2'\nB\n".utf8))
    }
    #expect(throws: EnvironmentFileError.unclosedQuote(line: 2)) {
      try EnvironmentFile.parse(Array("A=1\nB='2\nC=3\n".utf8))
    }
  }
}
