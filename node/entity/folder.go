package entity

// NameFolder writes the characters of names in one spelling: half width, capitals, simplified characters, one kind of brackets. It is for readers
// of running text, who need each character's place; names alone go through NormalizeName.
type NameFolder struct{ at map[rune]rune }

// NewNameFolder makes the table once; a folder may be used by many at a time.
func NewNameFolder() NameFolder {
	f := nameFolding()
	at := make(map[rune]rune, len(f.from))
	for i, r := range f.from {
		at[r] = f.to[i]
	}
	return NameFolder{at}
}

// Rune is the one spelling of a character.
func (f NameFolder) Rune(r rune) rune {
	if to, ok := f.at[r]; ok {
		return to
	}
	return r
}
