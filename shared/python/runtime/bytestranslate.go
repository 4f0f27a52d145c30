package runtime

import "bytes"

// byteTableSize is the length of a table for translate: one entry for each byte.
const byteTableSize = 256

// bytesTranslateMembers are maketrans, translate and expandtabs.
func bytesTranslateMembers() Members {
	return Members{
		"maketrans": &StaticMethod{NewNative("maketrans(frm, to, /)", bytesMakeTrans)},
		"translate": NewNative("translate(self, table, /, delete=None)", bytesTranslate),
		"expandtabs": NewNative("expandtabs(self, tabsize=8)", func(th *Thread, a Args) (Value, error) {
			s, err := expandTabs(th, selfBytes(a.Vals[0]), a.Vals[1], func(string) int { return 1 })
			return Bytes(s), err
		}),
	}
}

func bytesMakeTrans(th *Thread, a Args) (Value, error) {
	from, err := wantBytes(a.Vals[0])
	if err != nil {
		return nil, err
	}
	to, err := wantBytes(a.Vals[1])
	if err != nil {
		return nil, err
	}
	if len(from) != len(to) {
		return nil, Errorf(ValueError, "maketrans arguments must have same length")
	}
	if err := th.Alloc(byteTableSize); err != nil {
		return nil, err
	}
	table := make([]byte, byteTableSize)
	for i := range table {
		table[i] = byte(i)
	}
	for i := range len(from) {
		table[from[i]] = to[i]
	}
	return Bytes(table), th.work(len(from))
}

func bytesTranslate(th *Thread, a Args) (Value, error) {
	table := ""
	if a.Vals[1] != None {
		var err error
		if table, err = wantBytes(a.Vals[1]); err != nil {
			return nil, err
		}
		if len(table) != byteTableSize {
			return nil, Errorf(ValueError, "translation table must be 256 characters long")
		}
	}
	unwanted := ""
	if a.Vals[2] != None {
		var err error
		if unwanted, err = wantBytes(a.Vals[2]); err != nil {
			return nil, err
		}
	}
	var drop [byteTableSize]bool
	for i := range len(unwanted) {
		drop[unwanted[i]] = true
	}
	s := selfBytes(a.Vals[0])
	if err := th.Alloc(len(s)); err != nil {
		return nil, err
	}
	if err := th.work(len(s) + len(unwanted)); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.Grow(len(s))
	for i := range len(s) {
		switch {
		case drop[s[i]]:
		case table == "":
			b.WriteByte(s[i])
		default:
			b.WriteByte(table[s[i]])
		}
	}
	return Bytes(b.Bytes()), nil
}
