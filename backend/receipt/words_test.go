package receipt

import (
	"reflect"
	"testing"
)

// TestC75_EveryLanguageHasEveryWord: unknown keys are refused on loading, so that
// none missing means the same keys everywhere.
func TestC75_EveryLanguageHasEveryWord(t *testing.T) {
	all, err := load()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 7 {
		t.Errorf("%d languages", len(all))
	}
	for lang, w := range all {
		v := reflect.ValueOf(w)
		for i := range v.NumField() {
			if v.Field(i).String() == "" {
				t.Errorf("%s has no word for %s", lang, v.Type().Field(i).Name)
			}
		}
	}
}
