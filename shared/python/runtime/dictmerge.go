package runtime

// fillDict is dict() and dict.update().
func fillDict(th *Thread, d *Dict, name string, a Args) error {
	pos := a.Pos()
	if len(pos) > 1 {
		return Errorf(TypeError, "%s expected at most 1 argument, got %d", name, len(pos))
	}
	if len(pos) == 1 {
		if err := MergeInto(th, d, pos[0]); err != nil {
			return err
		}
	}
	for i, n := range a.Names {
		if err := d.Set(th, Str(n), a.Vals[len(pos)+i]); err != nil {
			return err
		}
	}
	return nil
}

// MergeInto adds the entries of a mapping, or of a sequence of pairs.
func MergeInto(th *Thread, d *Dict, from Value) error {
	if src, ok := native(from).(*Dict); ok {
		return d.update(th, src)
	}
	if from.Class().Lookup("keys") != nil {
		return mergeKeys(th, d, from)
	}
	i := 0
	return Iterate(th, from, func(x Value) error {
		th.quota -= hashSteps
		pair, err := Collect(th, x)
		if err != nil {
			return Errorf(TypeError, "cannot convert dictionary update sequence element #%d to a sequence", i)
		}
		if len(pair) != 2 {
			return Errorf(ValueError, "dictionary update sequence element #%d has length %d; 2 is required", i, len(pair))
		}
		i++
		return d.Set(th, pair[0], pair[1])
	})
}

// mergeKeys adds the entries of any value with keys().
func mergeKeys(th *Thread, d *Dict, from Value) error {
	keys, err := CallAttr(th, from, "keys")
	if err != nil {
		return err
	}
	return Iterate(th, keys, func(k Value) error {
		v, err := GetItem(th, from, k)
		if err != nil {
			return err
		}
		return d.Set(th, k, v)
	})
}
