-- A merge of many small parts held all columns of all of them at once, some 200 MiB for 48 parts of calls; column by column it holds one, in the same time.
-- A merge into a large part held a megabyte or two for each of a hundred files it writes: a quarter of that packs as well.
ALTER TABLE calls MODIFY SETTING vertical_merge_algorithm_min_rows_to_activate = 1, max_compress_block_size = 262144;
ALTER TABLE calls_repriced MODIFY SETTING vertical_merge_algorithm_min_rows_to_activate = 1, max_compress_block_size = 262144;
ALTER TABLE logs MODIFY SETTING vertical_merge_algorithm_min_rows_to_activate = 1, max_compress_block_size = 262144;
ALTER TABLE metric_points MODIFY SETTING vertical_merge_algorithm_min_rows_to_activate = 1, max_compress_block_size = 262144;
ALTER TABLE scores MODIFY SETTING vertical_merge_algorithm_min_rows_to_activate = 1, max_compress_block_size = 262144;
ALTER TABLE spans MODIFY SETTING vertical_merge_algorithm_min_rows_to_activate = 1, max_compress_block_size = 262144;
