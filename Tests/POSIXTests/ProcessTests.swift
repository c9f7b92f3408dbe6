// What the process was started with.

import POSIX
import Testing

@Suite struct ProcessTests {
  @Test func argumentsAreThoseOfTheCommandLine() {
    #expect(commandLineArguments() == CommandLine.arguments)
    #expect(commandLineArguments()?.isEmpty == false)
  }
}
