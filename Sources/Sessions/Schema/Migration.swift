// The numbered changes to our schema: Migrations/*.sql, which are part of the program.

internal import OpenSSL
internal import Postgres

/// A change to our schema. Once released, its text stays as it is: a later change is a migration of
/// its own. In its text the app's tables have no prefix, since the search path leads to them.
struct Migration: Sendable {
  let version: Int
  let name: String
  let script: Statement
  /// The SHA-256 of the text, by which a text that was changed later is noticed.
  let checksum: String

  private init(_ version: Int, _ name: String, _ text: [UInt8]) {
    self.version = version
    self.name = name
    script = Statement(embedded: text)
    checksum = SHA256.hash(text.span).hex
  }

  /// By their numbers, which have no gap.
  static let all = [
    Migration(1, "jobs_and_uploads", PackageResources._001_jobs_and_uploads_sql),
    Migration(2, "session_deleted", PackageResources._002_session_deleted_sql),
    Migration(3, "get_or_make_user", PackageResources._003_get_or_make_user_sql),
    Migration(4, "check_rate_limits", PackageResources._004_check_rate_limits_sql),
    Migration(5, "begin_upload", PackageResources._005_begin_upload_sql),
    Migration(6, "finish_upload", PackageResources._006_finish_upload_sql),
    Migration(7, "fail_upload", PackageResources._007_fail_upload_sql),
    Migration(8, "guard_session_deleted", PackageResources._008_guard_session_deleted_sql),
    Migration(9, "indexes_of_jobs", PackageResources._009_indexes_of_jobs_sql),
    Migration(10, "own_deletions", PackageResources._010_own_deletions_sql),
    Migration(11, "may_upload", PackageResources._011_may_upload_sql),
    Migration(12, "retention", PackageResources._012_retention_sql),
    Migration(13, "webhooks", PackageResources._013_webhooks_sql),
  ]

  static let latestVersion = all.count
}

/// What is looked at by every `migrate`, since others may have removed it: Repeated/*.sql.
enum RepeatedScript {
  static let schemaVersion = Statement(embedded: PackageResources.schema_version_sql)
  static let appTables = Statement(embedded: PackageResources.app_tables_sql)
  static let mayUpload = Statement(embedded: PackageResources.may_upload_sql)
  static let trigger = Statement(embedded: PackageResources.session_deleted_trigger_sql)
  static let uninstall = Statement(embedded: PackageResources.uninstall_sql)
}
