// The SQL of the list: a page by number, and a page after a cursor.

internal import Postgres

extension SessionStatements {
  /// The sessions of a list, which are called `shown`. To write a row costs PostgreSQL less than to
  /// build an object.
  private static func sessions(_ shown: Statement) -> Statement {
    """
    (SELECT coalesce(json_agg(session), '[]') FROM (
      SELECT id, status, "durationSecs", language, topic,
        \(iso("\"createdAt\"")) AS "createdAt", \(iso("\"updatedAt\"")) AS "updatedAt"
      FROM \(shown) ORDER BY shown."createdAt" DESC, id DESC
    ) AS session)
    """
  }

  private static let columns: Statement = """
    id, status, "durationSecs", language, topic, "createdAt", "updatedAt"
    """

  /// Equal times are told apart by id, or pages would overlap.
  private static let newestFirst: Statement = """
    ORDER BY "createdAt" DESC, id DESC
    """

  /// A session's time as it stands in a cursor: milliseconds since 1970. An infinite one is what is
  /// just out of PostgreSQL's range.
  private static let cursorTime: Statement = """
    CASE WHEN isfinite("createdAt") THEN (extract(epoch FROM "createdAt") * 1000)::bigint
      WHEN "createdAt" > '1970-01-01' THEN 9224318016000000 ELSE -210866803200001 END
    """

  /// By days, since an interval cannot have as many milliseconds as a timestamp.
  fileprivate static func time(ofCursor time: Statement) -> Statement {
    """
    CASE \(time) WHEN 9224318016000000 THEN timestamp 'infinity'
      WHEN -210866803200001 THEN timestamp '-infinity'
      ELSE timestamp '1970-01-01' + \(time) / 86400000 * interval '1 day'
        + \(time) % 86400000 * interval '1 millisecond' END
    """
  }

  /// What a filter leaves: its search, status and language, each of them or NULL. No pattern, in
  /// which `%` would be a wildcard. A language is stored as whoever stored it wrote it.
  private static func matching(
    _ search: Statement, _ status: Statement, _ language: Statement
  ) -> Statement {
    """
    (\(search)::text IS NULL
        OR strpos(\(caseless("topic")), \(caseless(search))) > 0)
      AND (\(status)::text IS NULL OR status::text = \(status))
      AND (\(language)::text IS NULL OR lower(replace(language, '_', '-')) = lower(\(language)))
    """
  }

  /// By ICU, so that any alphabet is compared without case whatever the database's own locale: in
  /// capitals, so that `ss` finds `ß`, and these of small letters, so that it finds `ẞ`.
  private static func caseless(_ text: Statement) -> Statement {
    """
    upper(lower(\(text) COLLATE "und-x-icu"))
    """
  }

  /// A page by number: user, limit, offset, page.
  static func list(_ schema: QuotedIdentifier) -> Statement { list(schema, where: "true") }

  /// A page by number of what a filter leaves: user, limit, offset, page, and the filter's three.
  static func filteredList(_ schema: QuotedIdentifier) -> Statement {
    list(schema, where: matching("$5", "$6", "$7"))
  }

  private static func list(_ schema: QuotedIdentifier, where condition: Statement) -> Statement {
    let page: Statement = """
      (SELECT \(columns) FROM \(schema).speaking_sessions
      WHERE "userId" = (SELECT id FROM owner) AND \(condition)
      \(newestFirst) LIMIT $2::bigint OFFSET $3::bigint) AS shown
      """
    return """
      WITH owner AS MATERIALIZED (SELECT id FROM \(schema).users WHERE "externalId" = $1)
      SELECT json_build_object(
        'sessions', \(sessions(page)),
        'total', (
          SELECT count(*) FROM \(schema).speaking_sessions
          WHERE "userId" = (SELECT id FROM owner) AND \(condition)),
        'page', $4::bigint, 'limit', $2::bigint)
      """
  }

  /// Where a page begins. Each is a statement of its own: planned for either, PostgreSQL would read
  /// all that comes before a cursor. Nor may it know the cursor when it plans: it would guess that
  /// little comes after it, and sort that.
  enum Beginning {
    case start
    case cursor

    /// Of a row, by parameters 4 and 5: two NULLs, or the cursor's time and id.
    var condition: Statement {
      switch self {
      case .start: "$4::bigint IS NULL AND $5::text IS NULL"
      case .cursor:
        """
        ("createdAt", id) < (
          (SELECT \(SessionStatements.time(ofCursor: "$4::bigint"))), (SELECT $5::text))
        """
      }
    }
  }

  /// A page of a walk: user, limit, page, and the cursor's time and id or two NULLs.
  static func walk(_ schema: QuotedIdentifier, from beginning: Beginning) -> Statement {
    walk(schema, from: beginning, where: "true", mark: "")
  }

  /// A page of a walk over what a filter leaves: user, limit, page, the cursor's time and id or two
  /// NULLs, the filter's three and its mark.
  static func filteredWalk(_ schema: QuotedIdentifier, from beginning: Beginning) -> Statement {
    walk(
      schema, from: beginning, where: matching("$6", "$7", "$8"), mark: " || '-' || $9::text")
  }

  private static func walk(
    _ schema: QuotedIdentifier, from beginning: Beginning, where condition: Statement,
    mark: Statement
  ) -> Statement {
    """
    WITH owner AS MATERIALIZED (SELECT id FROM \(schema).users WHERE "externalId" = $1),
    found AS MATERIALIZED (
      SELECT \(columns) FROM \(schema).speaking_sessions
      WHERE "userId" = (SELECT id FROM owner) AND \(condition) AND \(beginning.condition)
      \(newestFirst) LIMIT $2::bigint + 1
    ),
    shown AS MATERIALIZED (SELECT * FROM found \(newestFirst) LIMIT $2::bigint)
    SELECT json_build_object(
      'sessions', \(sessions("shown")),
      'total', (
        SELECT count(*) FROM \(schema).speaking_sessions
        WHERE "userId" = (SELECT id FROM owner) AND \(condition)),
      'page', $3::bigint, 'limit', $2::bigint,
      'nextCursor', CASE WHEN (SELECT count(*) FROM found) > $2::bigint THEN (
        SELECT \(cursorTime)
          || '-' || encode(convert_to(id, 'UTF8'), 'hex')\(mark)
        FROM shown ORDER BY "createdAt", id LIMIT 1) END)
    """
  }
}
