-- The embedded engine removes parts as soon as they are merged, so a minute is given to what they became to get to the disk: a power cut
-- must not find only that. It looks for them every five minutes unless told otherwise, and for more than a hundred starts 128 threads, which stay.
ALTER TABLE calls MODIFY SETTING old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000,
    cleanup_delay_period = 10, max_cleanup_delay_period = 30;
ALTER TABLE calls_repriced MODIFY SETTING old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000,
    cleanup_delay_period = 10, max_cleanup_delay_period = 30;
ALTER TABLE contents MODIFY SETTING old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000,
    cleanup_delay_period = 10, max_cleanup_delay_period = 30;
ALTER TABLE external_requests MODIFY SETTING old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000,
    cleanup_delay_period = 10, max_cleanup_delay_period = 30;
ALTER TABLE fragments MODIFY SETTING old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000,
    cleanup_delay_period = 10, max_cleanup_delay_period = 30;
ALTER TABLE logs MODIFY SETTING old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000,
    cleanup_delay_period = 10, max_cleanup_delay_period = 30;
ALTER TABLE metric_points MODIFY SETTING old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000,
    cleanup_delay_period = 10, max_cleanup_delay_period = 30;
ALTER TABLE quarantine MODIFY SETTING old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000,
    cleanup_delay_period = 10, max_cleanup_delay_period = 30;
ALTER TABLE repriced_calls MODIFY SETTING old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000,
    cleanup_delay_period = 10, max_cleanup_delay_period = 30;
ALTER TABLE repriced_shapes MODIFY SETTING old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000,
    cleanup_delay_period = 10, max_cleanup_delay_period = 30;
ALTER TABLE rollup MODIFY SETTING old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000,
    cleanup_delay_period = 10, max_cleanup_delay_period = 30;
ALTER TABLE rollup_watermark MODIFY SETTING old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000,
    cleanup_delay_period = 10, max_cleanup_delay_period = 30;
ALTER TABLE run_items MODIFY SETTING old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000,
    cleanup_delay_period = 10, max_cleanup_delay_period = 30;
ALTER TABLE scores MODIFY SETTING old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000,
    cleanup_delay_period = 10, max_cleanup_delay_period = 30;
ALTER TABLE spans MODIFY SETTING old_parts_lifetime = 60, concurrent_part_removal_threshold = 1000000,
    cleanup_delay_period = 10, max_cleanup_delay_period = 30;
