-- Whether a role is a login that we made: it is in a group of ours and can do nothing beyond that.
SELECT r.rolcanlogin AND NOT (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication)
       AND EXISTS (SELECT FROM pg_auth_members AS m JOIN pg_roles AS g ON g.oid = m.roleid
                   WHERE m.member = r.oid AND g.rolname = ANY ($2))
       AND NOT EXISTS (SELECT FROM pg_auth_members AS m JOIN pg_roles AS g ON g.oid = m.roleid
                       WHERE m.member = r.oid AND g.rolname <> ALL ($2))
FROM pg_roles AS r
WHERE r.rolname = $1
