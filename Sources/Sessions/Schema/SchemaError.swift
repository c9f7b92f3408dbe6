// Why the database cannot be worked with as it is.

package import Postgres

package enum SchemaError: Error, CustomStringConvertible {
  case database(PostgresError)
  case missing
  case older(version: Int)
  /// Migrating only: what a newer program made is left alone.
  case newer(version: Int)
  /// A migration's text is not the one that was applied.
  case changed(version: Int, name: String)
  /// A migration does not go through.
  case failed(version: Int, name: String, PostgresError)
  /// What a search path finds under the app schema's name, given in quotes, is not that schema.
  case unreachable(String)
  /// Migrating only: the schema that is served already, in quotes.
  case servesAlready(String)
  case otherApp
  case tablesMissing(String)
  case triggerMissing
  /// The function that every upload asks.
  case ruleMissing
  /// Uninstalling only: the owner's function could not be printed.
  case ruleNotKept
  /// Columns of the app's tables, by table.
  case columnsMissing(String)
  /// Columns that have to have a value, and have no default.
  case columnsUnknown(String)
  case readOnly
  case rightsMissing(String)

  package var description: String {
    switch self {
    case .database(let error): error.description
    case .missing: "the database is not prepared; run: sessions-fcgi migrate"
    case .older(let version):
      "the database has version \(version) of our schema, this program needs "
        + "\(Migration.latestVersion); run: sessions-fcgi migrate"
    case .newer(let version):
      "the database has version \(version) of our schema, and this program knows "
        + "\(Migration.latestVersion): a newer program has to migrate it"
    case .changed(let version, let name):
      "migration \(version) (\(name)) was applied with another text than this program has"
    case .failed(let version, let name, let error): "migration \(version) (\(name)): \(error)"
    case .unreachable(let schema):
      "the schema \(schema) cannot be worked in: the role has no right to use it, or its name "
        + "means something else in a search path"
    case .servesAlready(let schema):
      "sessions_fcgi in this database serves the schema \(schema) already"
    case .otherApp:
      "sessions_fcgi in this database serves another schema than the one that DATABASE_URL names"
    case .readOnly: "the database only reads, as a standby does"
    case .rightsMissing(let rights): "the role lacks the rights for: \(rights)"
    case .triggerMissing:
      "the trigger on speaking_sessions is missing, so sessions that others delete would leave "
        + "their recordings behind; run: sessions-fcgi migrate"
    case .ruleMissing:
      "the function sessions_fcgi.may_upload(text, text, integer), which returns text, is missing,"
        + " so every upload fails; run: sessions-fcgi migrate"
    case .ruleNotKept:
      "nothing was removed: sessions_fcgi.may_upload could not be printed"
    case .columnsMissing(let names):
      "the app's tables no longer have what is needed of them: \(names)"
    case .columnsUnknown(let names):
      "the app's tables demand values that an upload does not give: \(names)"
    case .tablesMissing(let names):
      "the app's tables are incomplete (missing: \(names)); run the app's own migrations"
    }
  }

  /// Whether it may be over without anybody changing a setting, a right or the schema.
  var isPassing: Bool {
    if case .database(let error) = self { error.mayComeToBe } else { false }
  }

  /// Runs `body`, and tells of its failure as the database's.
  static func wrapping<Value>(
    _ body: () throws(PostgresError) -> Value
  ) throws(SchemaError) -> Value {
    do { return try body() } catch { throw .database(error) }
  }
}
