// Package border holds what may cross between a city's government network and the platform, and nothing else: the closed messages of
// border/v1, the rules that each of their fields must keep, the bands that figures are cut to, the signed envelope around a message, and the
// keys of both sides.
//
// It owns the vocabulary. It must never import a package of the node or of the platform, and no message of an answer may have a field
// that could hold a raw value or free text.
package border
