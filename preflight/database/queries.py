"""The questions to a database server, in T-SQL that SQL Server 2008 knows. Every one reads; no lock lasts.

Each opens with a comment that tells the server's administrator, who sees it in a trace, where it comes from.
"""

from __future__ import annotations

SERVER = """/* SafeQ Preflight: server */
SELECT CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')) AS version,
       CONVERT(nvarchar(128), SERVERPROPERTY('Edition')) AS edition,
       CONVERT(int, IS_SRVROLEMEMBER('sysadmin')) AS sysadmin"""

DATABASE = """/* SafeQ Preflight: database */
SELECT CONVERT(nvarchar(60), DATABASEPROPERTYEX(DB_NAME(), 'Status')) AS state,
       CONVERT(nvarchar(128), DATABASEPROPERTYEX(DB_NAME(), 'Collation')) AS collation,
       CONVERT(nvarchar(60), DATABASEPROPERTYEX(DB_NAME(), 'Recovery')) AS recovery,
       CONVERT(nvarchar(60), DATABASEPROPERTYEX(DB_NAME(), 'Updateability')) AS updateability,
       CONVERT(nvarchar(60), DATABASEPROPERTYEX(DB_NAME(), 'UserAccess')) AS user_access,
       (SELECT CONVERT(int, compatibility_level) FROM sys.databases WHERE database_id = DB_ID()) AS compatibility,
       CONVERT(int, IS_MEMBER('db_owner')) AS owner,
       (SELECT COUNT(*) FROM sys.tables WHERE is_ms_shipped = 0) AS tables"""

ROLES = """/* SafeQ Preflight: roles */
SELECT CONVERT(nvarchar(128), name) AS role FROM sys.database_principals
WHERE type = 'R' AND name <> 'public' AND IS_MEMBER(name) = 1 ORDER BY name"""

# Sizes are in pages of 8 KB; max_size -1: as large as the volume.
FILES = """/* SafeQ Preflight: files */
SELECT CONVERT(int, SUM(CONVERT(bigint, size)) / 128) AS data_mb,
       CONVERT(int, SUM(CONVERT(bigint, size) - CONVERT(bigint, FILEPROPERTY(name, 'SpaceUsed'))) / 128) AS free_mb,
       CONVERT(int, CASE WHEN MIN(max_size) < 0 THEN NULL
                         ELSE SUM(CONVERT(bigint, CASE WHEN max_size = 0 THEN size ELSE max_size END)) / 128 END)
           AS limit_mb
FROM sys.database_files WHERE type = 0"""

OF_A_DATABASE = (DATABASE, ROLES, FILES)


def use(database: str) -> str:
    """The statement that opens a database for the connection."""
    return f"USE [{database.replace(']', ']]')}]"
