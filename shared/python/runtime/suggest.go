package runtime

import "unicode"

// Costs of one edit, as CPython counts them for its suggestions.
const (
	moveCost = 2
	caseCost = 1
)

// maxSuggestName bounds the names that are compared.
const maxSuggestName = 40

// NameErrorOf is the NameError of an unknown name; its traceback suggests the first
// list's nearest name, or else that of the next.
func NameErrorOf(name string, known func() [][]string) error {
	e := Errorf(NameError, "name '%s' is not defined", name)
	e.hint = func() string {
		for _, names := range known() {
			if s := nearest(name, names); s != "" {
				return s
			}
		}
		return ""
	}
	return e
}

// nearest is the candidate that name was probably meant to be, "" when none is near.
func nearest(name string, candidates []string) string {
	best, bestDistance := "", len(name)*moveCost*10
	for _, c := range candidates {
		if c == name || len(c) > maxSuggestName || len(name) > maxSuggestName {
			continue
		}
		limit := min((len(name)+len(c)+3)*moveCost/6, bestDistance-1)
		if d := distance(name, c, limit); d <= limit && d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// distance is the Levenshtein distance with cheap changes of case; beyond limit it
// is limit+1.
func distance(a, b string, limit int) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j * moveCost
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = (i + 1) * moveCost
		least := row[0]
		for j := range len(b) {
			d := min(diagonal+substitution(a[i], b[j]), row[j]+moveCost, row[j+1]+moveCost)
			diagonal, row[j+1] = row[j+1], d
			least = min(least, d)
		}
		if least > limit {
			return limit + 1
		}
	}
	return row[len(b)]
}

func substitution(x, y byte) int {
	switch {
	case x == y:
		return 0
	case unicode.ToLower(rune(x)) == unicode.ToLower(rune(y)):
		return caseCost
	}
	return moveCost
}
