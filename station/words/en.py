"""English."""

from __future__ import annotations

from typing import Final

from pain.action_units import ActionUnit
from pain.alarms import AlarmState, Condition, Trigger
from pain.values import Reason
from station.live.values import Absence, Band
from station.ports import OrderState, Trouble, Verdict
from station.words.language import Language
from station.words.text import Text
from station.words.words import Words

ENGLISH: Final = Words(
    language=Language.EN,
    decimal=".",
    minute="min",
    hour="h",
    second="s",
    weekdays=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    bands={
        Band.SEVERE: "Severe pain",
        Band.MODERATE: "Moderate pain",
        Band.MILD: "Mild signs",
        Band.CALM: "Calm",
        Band.UNAVAILABLE: "Not watched",
    },
    absences={
        Absence.SILENT: "The room says nothing any more. Look after the resident; tell IT.",
        Absence.STOPPED: "Watching was stopped on purpose.",
        Absence.OFFLINE: "The room's box has lost its connection. Look after the resident; tell IT.",
        Absence.NO_READING: "Waiting for the first reading.",
        Absence.TOO_OLD: "Readings come too late: a clock is wrong. Tell IT.",
        Absence.FEW_SCORES: "The face was seen too briefly to judge.",
        Absence.STATION_OFFLINE: "This station has no connection; nothing is known of the room.",
    },
    reasons={
        Reason.NO_FACE: "No face in the picture.",
        Reason.TOO_SMALL: "The face is too far away.",
        Reason.TURNED_AWAY: "The face is turned away.",
        Reason.BLURRED: "The picture is blurred.",
        Reason.TOO_DARK: "It is too dark.",
        Reason.OCCLUDED: "The face is covered.",
        Reason.SEVERAL_FACES: "Several faces in the picture.",
        Reason.MOTIONLESS: "The face has not moved for long: it may be a picture.",
        Reason.CAMERA_LOST: "The camera gives no picture.",
        Reason.MODEL_FAILED: "The analysis has failed.",
        Reason.PAUSED: "Watching is paused.",
        Reason.WARMING_UP: "Watching has just begun.",
        Reason.NOT_RESIDENT: "The face is not known to be the resident's.",
    },
    conditions={
        Condition.PAIN_SEVERE: "Severe pain",
        Condition.PAIN_MODERATE: "Moderate pain",
        Condition.CAMERA_LOST: "Camera lost",
        Condition.NO_FACE: "No face seen for long",
        Condition.MODEL_FAILED: "Analysis failed",
        Condition.DEGRADED_PROVIDER: "Analysis runs slower than planned",
        Condition.OUTBOX_STUCK: "Messages cannot be delivered",
        Condition.NOBODY_LISTENING: "No nursing station listens",
        Condition.CLOCK_UNSYNCED: "The box's clock is wrong",
    },
    states={
        AlarmState.OFF: "over",
        AlarmState.ON: "not acknowledged",
        AlarmState.LATCHED: "over, not acknowledged",
        AlarmState.ACKNOWLEDGED: "acknowledged",
    },
    triggers={
        Trigger.ONSET: "{what} began",
        Trigger.CLEARED: "{what} is over",
        Trigger.ACKNOWLEDGED: "{what}: acknowledged by {person}",
        Trigger.REMINDER: "{what} goes on: reminder",
        Trigger.PAUSED: "{what}: signal paused by {person}",
        Trigger.RESUMED: "{what}: pause ended by {person}",
        Trigger.PAUSE_EXPIRED: "{what}: pause ran out",
        Trigger.PAUSE_BROKEN: "{what}: pause ended by a new alarm",
        Trigger.STOPPED: "{what}: watching stopped",
    },
    units={
        ActionUnit.AU4: "brow lowered",
        ActionUnit.AU6: "cheeks raised",
        ActionUnit.AU7: "eyes tight",
        ActionUnit.AU9: "nose wrinkled",
        ActionUnit.AU10: "upper lip raised",
        ActionUnit.AU12: "lip corners pulled",
        ActionUnit.AU20: "lips stretched",
        ActionUnit.AU25: "lips parted",
        ActionUnit.AU26: "jaw dropped",
        ActionUnit.AU27: "mouth wide open",
        ActionUnit.AU43: "eyes closed",
    },
    troubles={
        Trouble.ESCALATION_FAILS: (
            "Not everybody who should be told of an alarm could be reached. Watch this board and tell IT."
        ),
        Trouble.BROKER_LOST: (
            "No connection to the rooms. Nothing is known of any of them: look after the residents "
            "and tell IT."
        ),
        Trouble.STORAGE_FAILS: (
            "The database cannot be written. Rooms are shown, the history is not kept: tell IT."
        ),
        Trouble.EVENTS_NOT_HEARD: (
            "The history receives no events. Rooms are shown all the same: tell IT."
        ),
    },
    outcomes={
        OrderState.WAITING: "Waiting for the room …",
        OrderState.ACCEPTED: "The room has confirmed.",
        OrderState.REFUSED: "The room refused: {reason}",
        OrderState.TIMED_OUT: "The room did not answer. Nothing may be taken as done.",
        OrderState.NOT_SENT: "Not sent: the station has no connection.",
    },
    commands={
        "acknowledge": "Acknowledge",
        "pause": "Pause signals",
        "resume": "End the pause",
        "set_baseline": "Measure the neutral face",
        "reset_baseline": "Delete the neutral face",
        "enrol_resident": "Enrol the resident's face",
        "forget_resident": "Delete the enrolled face",
        "reload": "Read the settings again",
    },
    restart="The box restarted after an unclean end; the room was not watched meanwhile.",
    verdicts={
        Verdict.PAIN: "Pain",
        Verdict.NOT_PAIN: "Not pain",
        Verdict.UNSURE: "Unsure",
    },
    painad={
        "breathing": (
            "Breathing",
            "normal",
            "laboured now and then, short fast breathing",
            "noisy and laboured, long fast breathing, pauses",
        ),
        "vocalisation": (
            "Voice",
            "nothing",
            "moans now and then, speaks low and disapproving",
            "calls out again and again, loud moaning, crying",
        ),
        "facial_expression": (
            "Face",
            "relaxed or smiling",
            "sad, frightened, frowning",
            "grimacing",
        ),
        "body_language": (
            "Body",
            "relaxed",
            "tense, pacing, fidgeting",
            "rigid, fists clenched, knees drawn up, pushing away, striking out",
        ),
        "consolability": (
            "Consolation",
            "not needed",
            "calmed by voice or touch",
            "cannot be calmed or distracted",
        ),
    },
    say={
        Text.DISCLAIMER: (
            "A research aid, not a medical device. It adds to the nurse-call system and never "
            "replaces it."
        ),
        Text.SKIP: "Skip to the rooms",
        Text.ALL_ROOMS: "All rooms",
        Text.NO_ROOMS: "No room has been heard yet.",
        Text.ROOM_NOT_FOUND: "There is no such room.",
        Text.COUNTS: "{rooms} rooms · {alarms} with alarms · {unwatched} not watched",
        Text.STALE: "No connection to the station. What you see is old: look after the residents.",
        Text.KEYS: (
            "Keys: Tab to a room, arrow keys to the next one, Enter opens it, A acknowledges, "
            "Esc goes back."
        ),
        Text.SOUND_ON: "Sound is on",
        Text.SOUND_OFF: "Switch sound on",
        Text.SOUND_HINT: "Silent: the browser sounds only after you switch it on.",
        Text.NIGHT_MODE: "Night",
        Text.DAY_MODE: "Day",
        Text.LANGUAGE: "Language",
        Text.LOG_OUT: "Log out",
        Text.SINCE: "for {duration}",
        Text.SILENT_SINCE: "Silent for {duration}",
        Text.ACKNOWLEDGED_BY: "acknowledged by {person}",
        Text.SIGNAL_PAUSED: "signal paused",
        Text.SIGNS: "Seen: {signs}",
        Text.ASLEEP: "Seems to sleep.",
        Text.TRUST: "Certainty {confidence} · face seen {coverage} of the time",
        Text.TOLD: "Also told: {people}",
        Text.PAUSED_UNTIL: "Signals paused until {time}, {duration} left",
        Text.CLOCK_AHEAD: "The room's clock is {duration} ahead of the station's. Tell IT.",
        Text.CLOCK_BEHIND: "The room's clock is {duration} behind the station's. Tell IT.",
        Text.LAST_TEN_MINUTES: "10 minutes",
        Text.LAST_DAY: "24 hours",
        Text.CURVE: "{span}: highest level {highest}, last {last}",
        Text.NO_CURVE: "{span}: no level",
        Text.ACKNOWLEDGE: "Acknowledge",
        Text.ACKNOWLEDGE_ONE: "Acknowledge: {what}",
        Text.PAUSE_FOR: "Pause signals for {minutes} min",
        Text.RESUME: "End the pause",
        Text.SET_BASELINE: "Measure the neutral face now",
        Text.BASELINE_HINT: (
            "Only while the resident is calm and free of pain. Takes some minutes; the result "
            "comes from the room."
        ),
        Text.RESIDENT: "This resident's face",
        Text.BASELINE_NONE: "No neutral face has been measured.",
        Text.BASELINE_MEASURING: "The neutral face is being measured until {time}.",
        Text.BASELINE_SET: "Neutral level {level}, measured {when} by {person}.",
        Text.BASELINE_DRIFT: "Median of the last day: {drift} from it.",
        Text.BASELINE_FAILED: "The last measurement failed: {reason}.",
        Text.RESET_BASELINE: "Delete the neutral face",
        Text.FACE_NONE: "Everybody's face is scored.",
        Text.FACE_ENROLLING: "The face is being enrolled until {time}.",
        Text.FACE_ENROLLED: "Only the enrolled face is scored, since {when} by {person}.",
        Text.FACE_FAILED: "The enrolment failed: {reason}.",
        Text.CONSENT: "Who consented, when and how",
        Text.ENROL: "Enrol the face that is seen now",
        Text.FORGET: "Delete the enrolled face",
        Text.WAITING: "Waiting for the room …",
        Text.NOT_ALLOWED: "Your role may look, but not act.",
        Text.STORAGE_FAILED: "Not saved: the database cannot be used. Tell IT.",
        Text.ORDERS: "Acknowledge and pause",
        Text.COURSE: "Level over the last 24 hours",
        Text.LEVEL: "Level",
        Text.MEAN: "Mean",
        Text.HIGHEST: "Highest",
        Text.FACE_SEEN: "Face seen",
        Text.HEAT: "Time of day and weekday, last four weeks",
        Text.HEAT_HINT: "Mean level in each hour; a dot where too little was seen.",
        Text.HOUR: "Hour",
        Text.EPISODES: "Alarms of the last 14 days",
        Text.LENGTH: "Lasted",
        Text.WHO_KNEW: "Acknowledged by",
        Text.GOES_ON: "goes on",
        Text.ALL_EVENTS: "Everything that happened",
        Text.AS_TABLE: "As a table",
        Text.SILENCES: "Silent",
        Text.WHEN: "When",
        Text.WHAT: "What",
        Text.VERDICT: "Was it pain?",
        Text.JUDGED: "{verdict} ({person})",
        Text.NOTHING_YET: "Nothing yet.",
        Text.NOT_ALL: "Older ones are not shown here; the exports have all.",
        Text.NOTES: "Notes",
        Text.NOTE_LABEL: "New note",
        Text.SAVE: "Save",
        Text.SAVED: "Saved.",
        Text.NOTE_LIMITS: "A note has 1 to {most} characters.",
        Text.BURDEN: (
            "Last 7 days: {alarms} pain alarms, {per_day} a resident-day; {confirmed} confirmed, "
            "{dismissed} dismissed, {unsure} unsure"
        ),
        Text.PAGE_ROOM_SILENT: "Room silent, it is not being watched",
        Text.PAGE_ALL_CLEAR: "All clear",
        Text.PAGE_HIGHEST: "highest level {level} / 6",
        Text.PAGE_SINCE: "since {since}",
        Text.PAGE_NOBODY: "nobody has acknowledged",
        Text.PAGE_ACKNOWLEDGED: "somebody has acknowledged",
        Text.PAGE_OVER: "the alarm is off",
        Text.PAINAD: "PAINAD",
        Text.PAINAD_HINT: "The camera suggests {score} for the face; please judge yourself.",
        Text.PAINAD_NO_HINT: "The camera suggests nothing for the face now.",
        Text.PAINAD_TOTAL: "Total: {score} of 10",
        Text.PAINAD_OPEN: "Total: open, until every item is judged",
        Text.PAINAD_YOURS: "The total is your judgement, not the camera's.",
    },
)
