-- A small part is one file instead of fourteen. Each is synced before its rows are acknowledged, so a commit of few rows waits
-- for one write where it waited for fourteen. Larger parts, and what small ones are merged to, are as they were.
ALTER TABLE spans MODIFY SETTING min_bytes_for_full_part_storage = 1048576;
ALTER TABLE calls MODIFY SETTING min_bytes_for_full_part_storage = 1048576;
ALTER TABLE external_requests MODIFY SETTING min_bytes_for_full_part_storage = 1048576;
ALTER TABLE logs MODIFY SETTING min_bytes_for_full_part_storage = 1048576;
ALTER TABLE metric_points MODIFY SETTING min_bytes_for_full_part_storage = 1048576;
ALTER TABLE scores MODIFY SETTING min_bytes_for_full_part_storage = 1048576;
