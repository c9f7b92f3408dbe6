// A file of environment variables, as systemd's EnvironmentFile= reads it (systemd.exec(5)).

internal import Glibc
package import SystemPackage

/// Variables from a file, and whether others could have read them, too.
package struct EnvironmentFile: Sendable {
  /// In the order of the file.
  package let variables: [EnvironmentVariable]
  /// Whether the file's mode lets everybody read it.
  package let isReadableByAll: Bool

  /// A file that is larger holds no settings.
  private static let maxBytes = 1024 * 1024

  package init(at path: String) throws(EnvironmentFileError) {
    let bytes: [UInt8]
    do throws(Errno) {
      let file = OwnedDescriptor(
        owning: try retrying { unsafe open(path, O_RDONLY | O_CLOEXEC) })
      let number = file.number
      var status = stat()
      _ = try retrying { unsafe fstat(number, &status) }
      isReadableByAll = status.st_mode & S_IFMT == S_IFREG && status.st_mode & S_IROTH != 0
      bytes = try EnvironmentFile.contents(of: number)
    } catch {
      throw .unreadable(error)
    }
    variables = try EnvironmentFile.parse(bytes)
  }

  private static func contents(of file: CInt) throws(Errno) -> [UInt8] {
    var contents: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 16 * 1024)
    while contents.count <= maxBytes {
      let count = try retrying { unsafe read(file, &piece, piece.count) }
      if count == 0 { return contents }
      contents += piece[..<count]
    }
    throw .fileTooLarge
  }

  package static func parse(_ bytes: [UInt8]) throws(EnvironmentFileError) -> [EnvironmentVariable]
  {
    var parser = Parser(bytes: bytes)
    return try parser.variables()
  }

  /// Sets those variables that the environment does not have; of several with one name the last.
  ///
  /// No other thread may run yet. The corresponding C function is `setenv`.
  package func addToEnvironment() {
    var names: Set<String> = []
    for variable in variables.reversed() where names.insert(variable.name).inserted {
      // It fails only without memory, or with a name that the parser does not take.
      unsafe setenv(variable.name, variable.value, 0)
    }
  }
}

package struct EnvironmentVariable: Sendable, Equatable {
  package let name, value: String

  package init(name: String, value: String) { (self.name, self.value) = (name, value) }
}

/// Why a file of environment variables cannot be used. A line is named by its number alone, since
/// it may hold a secret.
package enum EnvironmentFileError: Error, Equatable, CustomStringConvertible {
  case unreadable(Errno)
  case notAnAssignment(line: Int)
  case unclosedQuote(line: Int)
  case notText(line: Int)

  package var description: String {
    switch self {
    case .unreadable(let error): "\(error)"
    case .notAnAssignment(let line): "line \(line) is not NAME=value"
    case .unclosedQuote(let line): "the quote that line \(line) opens is not closed"
    case .notText(let line): "line \(line) is not UTF-8, or holds a NUL"
    }
  }
}

extension EnvironmentFile {
  /// What systemd passes over with a warning, such as a line without "=", ends it.
  private struct Parser {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1

    init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take() -> UInt8? {
      guard let byte = next else { return nil }
      position += 1
      if byte == UInt8(ascii: "\n") { line += 1 }
      return byte
    }

    private mutating func skip(while isSkipped: (UInt8) -> Bool) {
      while let byte = next, isSkipped(byte) { _ = take() }
    }

    mutating func variables() throws(EnvironmentFileError) -> [EnvironmentVariable] {
      var variables: [EnvironmentVariable] = []
      while true {
        skip(while: { $0.isBlank || $0.isLineEnd })
        guard let first = next else { return variables }
        if first == UInt8(ascii: "#") || first == UInt8(ascii: ";") {
          // A backslash at its end joins nothing to a comment, as from systemd 254 on.
          skip(while: { !$0.isLineEnd })
        } else {
          variables.append(try variable())
        }
      }
    }

    private mutating func variable() throws(EnvironmentFileError) -> EnvironmentVariable {
      let line = line
      let start = position
      skip(while: { $0 != UInt8(ascii: "=") && !$0.isLineEnd })
      var name = bytes[start..<position]
      while name.last?.isBlank == true { name.removeLast() }
      guard next == UInt8(ascii: "="), name.isVariableName else {
        throw .notAnAssignment(line: line)
      }
      _ = take()
      let value = try value()
      guard let text = String(validating: value, as: UTF8.self), !value.contains(0) else {
        throw .notText(line: line)
      }
      return EnvironmentVariable(name: String(decoding: name, as: UTF8.self), value: text)
    }

    /// Quoted pieces, one after the other, and then what is not quoted, to the end of the line.
    private mutating func value() throws(EnvironmentFileError) -> [UInt8] {
      var value: [UInt8] = []
      while true {
        skip(while: \.isBlank)
        switch next {
        case UInt8(ascii: "'"): value += try quoted(by: UInt8(ascii: "'"), escapes: false)
        case UInt8(ascii: "\""): value += try quoted(by: UInt8(ascii: "\""), escapes: true)
        default: return value + unquoted()
        }
      }
    }

    private mutating func quoted(
      by quote: UInt8, escapes: Bool
    ) throws(EnvironmentFileError) -> [UInt8] {
      let line = line
      var value: [UInt8] = []
      _ = take()
      while let byte = take() {
        if byte == quote { return value }
        guard escapes, byte == UInt8(ascii: "\\") else {
          value.append(byte)
          continue
        }
        guard let escaped = take() else { break }
        if escaped == UInt8(ascii: "\n") { continue }
        // Before any other byte the backslash stands for itself, as in a shell.
        if !Parser.escapable.contains(escaped) { value.append(byte) }
        value.append(escaped)
      }
      throw .unclosedQuote(line: line)
    }

    private static let escapable = Array("\"\\`$".utf8)

    /// Without the blanks at its end; a backslash before the end of the line joins the next line.
    private mutating func unquoted() -> [UInt8] {
      var value: [UInt8] = []
      var kept = 0
      while let byte = next, !byte.isLineEnd {
        _ = take()
        if byte != UInt8(ascii: "\\") {
          value.append(byte)
          if !byte.isBlank { kept = value.count }
        } else if let escaped = take() {
          if !escaped.isLineEnd { value.append(escaped) }
          kept = value.count
        }
      }
      return Array(value[..<kept])
    }
  }
}

extension UInt8 {
  fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
  fileprivate var isLineEnd: Bool { self == UInt8(ascii: "\n") || self == UInt8(ascii: "\r") }
}

extension ArraySlice<UInt8> {
  /// A letter or "_", then those and digits.
  fileprivate var isVariableName: Bool {
    let isBeginning = { (byte: UInt8) in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }
    return first.map(isBeginning) == true
      && allSatisfy {
        isBeginning($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
      }
  }
}
