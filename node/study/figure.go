package study

// Draw draws the figures.
func (r *Report) Draw(dir string) error { return nil }
