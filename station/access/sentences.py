"""What the door says, in every language of the board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from station.words import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentences:
    """The door in one language."""

    log_in: str
    user: str
    password: str
    wrong: str
    too_many: str
    storage: str
    ended: str
    first_run: str
    code: str
    code_hint: str
    name: str
    new_user: str
    new_password: str
    make: str
    wrong_code: str


SENTENCES: Final[Mapping[Language, Sentences]] = {
    Language.EN: Sentences(
        log_in="Log in",
        user="User name",
        password="Password",
        wrong="User name or password is wrong.",
        too_many="Too many tries. Wait {seconds} s.",
        storage="The database cannot be used. Tell IT; residents are not watched on this screen.",
        ended="Your session has ended. Nobody is watched on this screen: log in again.",
        first_run="First start",
        code="One-time code",
        code_hint="The code stands in the station's log.",
        name="Name shown to others",
        new_user="User name (a-z, 0-9)",
        new_password="Password (at least 10 characters)",
        make="Make the administrator",
        wrong_code="The code is wrong or has run out.",
    ),
    Language.DE: Sentences(
        log_in="Anmelden",
        user="Benutzername",
        password="Passwort",
        wrong="Benutzername oder Passwort ist falsch.",
        too_many="Zu viele Versuche. Bitte {seconds} s warten.",
        storage=(
            "Die Datenbank ist nicht benutzbar. Bitte die IT verständigen; auf diesem Bildschirm "
            "wird niemand überwacht."
        ),
        ended=(
            "Ihre Sitzung ist beendet. Auf diesem Bildschirm wird niemand überwacht: bitte "
            "neu anmelden."
        ),
        first_run="Erster Start",
        code="Einmalcode",
        code_hint="Der Code steht im Protokoll der Station.",
        name="Angezeigter Name",
        new_user="Benutzername (a-z, 0-9)",
        new_password="Passwort (mindestens 10 Zeichen)",
        make="Verwalter anlegen",
        wrong_code="Der Code ist falsch oder abgelaufen.",
    ),
    Language.FR: Sentences(
        log_in="Se connecter",
        user="Nom d'utilisateur",
        password="Mot de passe",
        wrong="Nom d'utilisateur ou mot de passe incorrect.",
        too_many="Trop d'essais. Attendez {seconds} s.",
        storage=(
            "La base de données est inutilisable. Prévenez l'informatique ; personne n'est "
            "surveillé sur cet écran."
        ),
        ended=(
            "Votre session est terminée. Personne n'est surveillé sur cet écran : reconnectez-vous."
        ),
        first_run="Premier démarrage",
        code="Code à usage unique",
        code_hint="Le code se trouve dans le journal du poste.",
        name="Nom affiché",
        new_user="Nom d'utilisateur (a-z, 0-9)",
        new_password="Mot de passe (au moins 10 caractères)",
        make="Créer l'administrateur",
        wrong_code="Le code est faux ou expiré.",
    ),
    Language.NL: Sentences(
        log_in="Aanmelden",
        user="Gebruikersnaam",
        password="Wachtwoord",
        wrong="Gebruikersnaam of wachtwoord klopt niet.",
        too_many="Te veel pogingen. Wacht {seconds} s.",
        storage=(
            "De database is niet bruikbaar. Waarschuw ICT; op dit scherm wordt niemand bewaakt."
        ),
        ended="Uw sessie is afgelopen. Op dit scherm wordt niemand bewaakt: meld u opnieuw aan.",
        first_run="Eerste start",
        code="Eenmalige code",
        code_hint="De code staat in het logboek van de post.",
        name="Getoonde naam",
        new_user="Gebruikersnaam (a-z, 0-9)",
        new_password="Wachtwoord (minstens 10 tekens)",
        make="Beheerder aanmaken",
        wrong_code="De code is fout of verlopen.",
    ),
    Language.IT: Sentences(
        log_in="Accedi",
        user="Nome utente",
        password="Password",
        wrong="Nome utente o password errati.",
        too_many="Troppi tentativi. Attendere {seconds} s.",
        storage=(
            "La base dati non è utilizzabile. Avvisare l'informatica; su questo schermo nessuno è "
            "sorvegliato."
        ),
        ended="La sessione è terminata. Su questo schermo nessuno è sorvegliato: acceda di nuovo.",
        first_run="Primo avvio",
        code="Codice monouso",
        code_hint="Il codice si trova nel registro della postazione.",
        name="Nome mostrato",
        new_user="Nome utente (a-z, 0-9)",
        new_password="Password (almeno 10 caratteri)",
        make="Creare l'amministratore",
        wrong_code="Il codice è errato o scaduto.",
    ),
}
