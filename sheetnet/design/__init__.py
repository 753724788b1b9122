"""New sheets: their places, looks, captions and charts; and nets carried over into new workbooks."""
