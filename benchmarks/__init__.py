"""One reproducible command per published figure, rivals side by side."""
