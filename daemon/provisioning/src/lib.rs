//! Recognises a phone, chooses its template, renders its files, keeps its tokens. No IO.
