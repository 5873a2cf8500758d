package city

import (
	"context"
	"path/filepath"
	"slices"
)

// tellNews makes the texts that the public writes about firms, where any are delivered, and notes whom they mean.
func (w *worker) tellNews(ctx context.Context) error {
	if !slices.ContainsFunc(w.catalogues, func(c catalogue) bool { return c.department == social }) {
		return nil
	}
	if err := w.runFile(ctx, "sql/news.sql"); err != nil {
		return err
	}
	return w.exec(ctx, "the truth about texts", `COPY (
		SELECT t.text_id, w.firm, w.usci, t.kind FROM news_truth t JOIN who w USING (firm) ORDER BY t.text_id, w.firm
		) TO `+quoted(filepath.Join(w.truth, "news.parquet"))+` (FORMAT parquet, COMPRESSION zstd)`)
}
