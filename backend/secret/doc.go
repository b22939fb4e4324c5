// Package secret keeps small secrets by name: keys and passwords of providers, and
// the journal's head, which must lie outside of the journal.
//
// A secret goes to the system's keychain (Secret Service, macOS Keychain, Windows
// Credential Manager). Where there is none, or where a value is too long for it, it
// goes to one encrypted file in the data folder (file.go). The file's key is in the
// keychain; where there is none, in secret.key beside it, readable by its owner
// alone; or it is made from the passphrase in PAYDESK_KEY.
//
// What that is worth: the keychain is as safe as the login of this user. secret.key
// guards the file only against those who get the file without the folder, as in a
// backup of single files. With PAYDESK_KEY the folder alone opens nothing.
//
// It must not log, and no error of it holds a value. It must not be asked while a
// payment waits: a keychain may wait for a person.
package secret
