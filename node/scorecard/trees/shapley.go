package trees

// Exact Shapley values of trees, the path-dependent form of TreeSHAP (Lundberg, Erion, Lee 2018, arXiv:1802.03888, algorithm 2): a column's value is its
// average contribution over all orders in which columns become known, where a split on an unknown column follows both ways in proportion to the
// training cases.

// step is a column on the way from the root: the share of unknown paths and of known ones that flow through, and the weight of subsets of each size.
type step struct {
	column            int
	unknown, known, w float64
}

// Shapley gives what each column adds to the raw score, and what all cases have in common: they sum to Raw.
func (m *Model) Shapley(row []float64) (phi []float64, base float64) {
	row = prepared(row)
	phi = make([]float64, len(m.Columns))
	for i := range m.Trees {
		t := &m.Trees[i]
		base += t.expected()
		if len(t.Splits) > 0 {
			t.descend(row, phi, 0, nil, 1, 1, -1)
		}
	}
	return phi, base
}

// expected is the tree's mean over its training cases.
func (t *Tree) expected() float64 {
	if len(t.Splits) == 0 {
		return t.Leaves[0].Value
	}
	var sum float64
	for _, l := range t.Leaves {
		sum += l.Cases / t.Splits[0].Cases * l.Value
	}
	return sum
}

func (t *Tree) cases(at int) float64 {
	if at < 0 {
		return t.Leaves[^at].Cases
	}
	return t.Splits[at].Cases
}

func (t *Tree) descend(row, phi []float64, at int, path []step, unknown, known float64, column int) {
	path = extended(path, unknown, known, column)
	if at < 0 {
		for i := 1; i < len(path); i++ {
			p := path[i]
			phi[p.column] += unwoundSum(path, i) * (p.known - p.unknown) * t.Leaves[^at].Value
		}
		return
	}
	s := &t.Splits[at]
	hot, cold := s.Left, s.Right
	if !s.goesLeft(row[s.Column]) {
		hot, cold = cold, hot
	}
	unknown, known = 1, 1
	for i := 1; i < len(path); i++ {
		if path[i].column == s.Column {
			unknown, known = path[i].unknown, path[i].known
			path = unwound(path, i)
			break
		}
	}
	t.descend(row, phi, hot, path, unknown*t.cases(hot)/s.Cases, known, s.Column)
	t.descend(row, phi, cold, path, unknown*t.cases(cold)/s.Cases, 0, s.Column)
}

// extended is a copy of the path with one more column.
func extended(path []step, unknown, known float64, column int) []step {
	n := len(path)
	out := append(make([]step, 0, n+1), path...)
	first := 0.0
	if n == 0 {
		first = 1
	}
	out = append(out, step{column, unknown, known, first})
	for i := n - 1; i >= 0; i-- {
		out[i+1].w += known * out[i].w * float64(i+1) / float64(n+1)
		out[i].w = unknown * out[i].w * float64(n-i) / float64(n+1)
	}
	return out
}

// unwound is a copy of the path without its i-th column.
func unwound(path []step, i int) []step {
	n := len(path) - 1
	out := append([]step{}, path...)
	next := out[n].w
	for j := n - 1; j >= 0; j-- {
		if out[i].known != 0 {
			was := out[j].w
			out[j].w = next * float64(n+1) / (float64(j+1) * out[i].known)
			next = was - out[j].w*out[i].unknown*float64(n-j)/float64(n+1)
		} else {
			out[j].w = out[j].w * float64(n+1) / (out[i].unknown * float64(n-j))
		}
	}
	for j := i; j < n; j++ {
		out[j].column, out[j].unknown, out[j].known = out[j+1].column, out[j+1].unknown, out[j+1].known
	}
	return out[:n]
}

// unwoundSum is the sum of the weights of the path without its i-th column.
func unwoundSum(path []step, i int) float64 {
	n := len(path) - 1
	next := path[n].w
	var total float64
	for j := n - 1; j >= 0; j-- {
		if path[i].known != 0 {
			w := next * float64(n+1) / (float64(j+1) * path[i].known)
			total += w
			next = path[j].w - w*path[i].unknown*float64(n-j)/float64(n+1)
		} else {
			total += path[j].w / path[i].unknown * float64(n+1) / float64(n-j)
		}
	}
	return total
}
