package border

// SignForTest signs bytes that Sign would not.
func SignForTest(s *Signer, message []byte) []byte { return s.sign(message) }
