"""Pictures, sounds and documents that spans speak of in; kept by what their bytes hash to, and handed out by signed addresses, out."""
