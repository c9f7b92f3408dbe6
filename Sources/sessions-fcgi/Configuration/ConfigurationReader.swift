// Reading environment variables and collecting what is wrong with them.

internal import FoundationEssentials
internal import QStash
internal import Sessions
internal import SystemPackage
internal import Webhook

internal import struct HTTPClient.Endpoint

extension Configuration {
  /// Looks variables up and remembers every problem, so that all can be told in one line.
  /// An empty variable counts as unset. No problem quotes a value but an origin, which is public.
  struct Reader {
    /// Bytes: of what nobody asks for nothing says that it is text.
    private let variables: [String: [UInt8]]
    private(set) var problems: [String] = []

    init(_ variables: [String: [UInt8]]) { self.variables = variables }

    subscript(name: String) -> String? {
      mutating get {
        guard let value = variables[name], !value.isEmpty else { return nil }
        return text(value, of: name)
      }
    }

    /// Mended it would be another value, and one secret as good as another.
    private mutating func text(_ bytes: [UInt8], of name: String) -> String? {
      let text = String(validating: bytes, as: UTF8.self)
      if text == nil { addProblem("\(name) is not UTF-8") }
      return text
    }

    /// - Parameter other: a setting that can stand in its place.
    mutating func required(_ name: String, or other: String? = nil) -> String? {
      if let value = self[name] { return value }
      if variables[name, default: []].isEmpty {
        addProblem("\(name) is not set" + (other.map { " (nor \($0))" } ?? ""))
      }
      return nil
    }

    mutating func addProblem(_ problem: String) {
      if !problems.contains(problem) { problems.append(problem) }
    }

    /// A secret: itself in the variable, or the content of the file named by `<NAME>_FILE`, or else
    /// a credential.
    mutating func secret(_ name: String) -> String? {
      guard let path = self[name + "_FILE"] else {
        return self[name] ?? credential(name) ?? required(name)
      }
      if self[name] != nil {
        problems.append("\(name) and \(name)_FILE are both set")
        return nil
      }
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
        problems.append("the file that \(name)_FILE names cannot be read")
        return nil
      }
      // Editors end a file with a line break, which is no part of the secret.
      let secret = text.trimmingTrailingLineBreaks
      if secret.isEmpty {
        problems.append("the file that \(name)_FILE names is empty")
        return nil
      }
      return secret
    }

    /// The same for a secret that need not be there.
    mutating func optionalSecret(_ name: String) -> String? {
      hasSecret(name) ? secret(name) : nil
    }

    private mutating func hasSecret(_ name: String) -> Bool {
      self[name] != nil || self[name + "_FILE"] != nil || credential(name) != nil
    }

    /// What systemd hands over from the file of that name, as `LoadCredential=secret:<directory>`
    /// names it (systemd.exec(5)). An empty one counts as none.
    private mutating func credential(_ name: String) -> String? {
      guard let directory = self["CREDENTIALS_DIRECTORY"],
        let bytes = FileManager.default.contents(atPath: "\(directory)/secret_\(name)")
      else { return nil }
      let secret = text(Array(bytes), of: "the credential of \(name)")?.trimmingTrailingLineBreaks
      return secret?.isEmpty == false ? secret : nil
    }

    /// A value whose type refuses what cannot be one.
    mutating func make<Value>(
      _ name: String, _ text: String?, _ make: (String) -> Value?
    ) -> Value? {
      guard let text else { return nil }
      if let value = make(text) { return value }
      problems.append("\(name) is malformed")
      return nil
    }

    mutating func parse<Value, Failed: Error & CustomStringConvertible>(
      _ name: String, _ text: String?, _ parse: (String) throws(Failed) -> Value
    ) -> Value? {
      guard let text else { return nil }
      do {
        return try parse(text)
      } catch {
        problems.append("\(name): \(error)")
        return nil
      }
    }

    /// The queue that tells the app to process an upload: only where both its token and the app's
    /// address are set.
    mutating func processing() -> QStashConfiguration? {
      let appURL = self["APP_URL"]
      guard hasSecret("QSTASH_TOKEN"), appURL != nil else { return nil }
      let token = make("QSTASH_TOKEN", secret("QSTASH_TOKEN"), QStashToken.init)
      let destination = make("APP_URL", appURL) { ProcessingURL(appURL: $0) }
      let url = self["QSTASH_URL"] ?? QStashConfiguration.defaultURL
      let endpoint = endpoint("QSTASH_URL", url)
      guard let token, let destination, let endpoint else { return nil }
      return QStashConfiguration(endpoint: endpoint, token: token, destination: destination)
    }

    /// The app's address that hears of uploads itself, and what that is signed with: both or none.
    mutating func webhook() -> WebhookConfiguration? {
      guard self["PROCESS_URL"] != nil || hasSecret("PROCESS_SECRET") else { return nil }
      let receiver = parse("PROCESS_URL", required("PROCESS_URL")) {
        (url) throws(WebhookReceiver.Mistake) in try WebhookReceiver(url)
      }
      let secret = secret("PROCESS_SECRET")
      let secrets = secret.flatMap(WebhookSecrets.init)
      if secret != nil, secrets == nil {
        addProblem(
          "PROCESS_SECRET must be 24 to 64 bytes in base64, as `openssl rand -base64 32` makes"
            + " them, or two of these")
      }
      guard let receiver, let secrets else { return nil }
      return WebhookConfiguration(receiver: receiver, secrets: secrets)
    }

    mutating func readableFile(_ name: String) -> String? {
      guard let path = self[name] else { return nil }
      if FileManager.default.isReadableFile(atPath: path) { return path }
      problems.append("the file that \(name) names cannot be read")
      return nil
    }

    mutating func requireWritable(_ path: String, named name: String) {
      var isDirectory = false
      if !FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) || !isDirectory
        || !FileManager.default.isWritableFile(atPath: path)
      {
        problems.append("\(name) names no directory that can be written to")
      }
    }

    /// Origins separated by commas or white space.
    mutating func origins(_ name: String) -> Set<Origin> {
      var origins: Set<Origin> = []
      for entry in (self[name] ?? "").split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
        if let origin = Origin(entry.utf8) {
          origins.insert(origin)
        } else {
          let quoted = String(entry).debugDescription
          problems.append(
            "\(quoted) in \(name) is no origin (scheme://host[:port], such as"
              + " https://app.example.com)")
        }
      }
      return origins
    }

    /// How long recordings are kept; without a number of days for good.
    mutating func retention() -> RetentionPolicy {
      var policy = RetentionPolicy()
      if self["AUDIO_RETENTION_DAYS"] != nil {
        policy.days = number("AUDIO_RETENTION_DAYS", from: 1, to: 36_500, standard: 1)
      }
      if let statuses = self["AUDIO_RETENTION_STATUSES"] {
        policy.statuses = statuses.split { $0 == "," || $0.isWhitespace }.map(String.init)
      }
      policy.maxPerHour = number(
        "AUDIO_RETENTION_PER_HOUR", from: 1, standard: RetentionPolicy.standardMaxPerHour)
      return policy
    }

    /// A whole number, if nothing else is said up to a year's seconds.
    mutating func number(
      _ name: String, from min: Int = 0, to max: Int = 31_536_000, standard: Int
    ) -> Int {
      guard let text = self[name] else { return standard }
      let isDigits = text.utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
      if isDigits, let number = Int(text), (min...max).contains(number) { return number }
      problems.append("\(name) must be a whole number from \(min) to \(max)")
      return standard
    }

    /// One of a few words; nil where it is not set.
    mutating func choice<Value: RawRepresentable<String> & CaseIterable>(_ name: String) -> Value? {
      guard let text = self[name] else { return nil }
      if let value = Value(rawValue: text) { return value }
      let all = Value.allCases.map(\.rawValue).joined(separator: ", ")
      problems.append("\(name) must be one of \(all)")
      return nil
    }
  }
}

extension String {
  fileprivate var trimmingTrailingLineBreaks: String {
    var bytes = utf8[...]
    while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
