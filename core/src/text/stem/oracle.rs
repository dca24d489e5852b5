//! The stemmer against the published vocabulary and against another implementation of the same algorithm.

use super::{MAX_STEM_BYTES, stem};
use heapless::Vec;
use rust_stemmers::{Algorithm, Stemmer};
use std::{collections::BTreeMap, env, fs, path::PathBuf, string::String};

/// Pairs `word=stem` of the sample vocabulary at <https://snowballstem.org/algorithms/english/stemmer.html>.
const PUBLISHED: &str = "\
    consign=consign consigned=consign consigning=consign consignment=consign consist=consist \
    consisted=consist consistency=consist consistent=consist consistently=consist \
    consisting=consist consists=consist consolation=consol consolations=consol \
    consolatory=consolatori console=consol consoled=consol consoles=consol consolidate=consolid \
    consolidated=consolid consolidating=consolid consoling=consol consolingly=consol \
    consols=consol consonant=conson consort=consort consorted=consort consorting=consort \
    conspicuous=conspicu conspicuously=conspicu conspiracy=conspiraci conspirator=conspir \
    conspirators=conspir conspire=conspir conspired=conspir conspiring=conspir \
    constable=constabl constables=constabl constance=constanc constancy=constanc \
    constant=constant knack=knack knackeries=knackeri knacks=knack knag=knag knave=knave \
    knaves=knave knavish=knavish kneaded=knead kneading=knead knee=knee kneel=kneel \
    kneeled=kneel kneeling=kneel kneels=kneel knees=knee knell=knell knelt=knelt knew=knew \
    knick=knick knif=knif knife=knife knight=knight knightly=knight knights=knight knit=knit \
    knits=knit knitted=knit knitting=knit knives=knive knob=knob knobs=knob knock=knock \
    knocked=knock knocker=knocker knockers=knocker knocking=knock knocks=knock knopp=knopp \
    knot=knot knots=knot";

/// Exceptional forms of Snowball 3.1.1, as its own Python release (`snowballstemmer` 3.1.1) stems them.
const EXCEPTIONAL: &str = "\
    skis=ski skies=sky idly=idl gently=gentl ugly=ugli early=earli only=onli singly=singl \
    sky=sky news=news howe=howe atlas=atlas cosmos=cosmos bias=bias andes=andes inning=inning \
    outing=outing canning=canning herring=herring earring=earring evening=evening \
    proceed=proceed exceed=exceed succeed=succeed proceeding=proceed dying=die lying=lie \
    tying=tie vying=vie pasted=paste pasting=paste generous=generous general=general \
    communism=communism arsenal=arsenal later=later universe=univers emergency=emergenc \
    organic=organic internal=internal";

/// All words of the 80,000-word list `teacher/words.tsv` that `rust-stemmers` 1.2 stems otherwise, with the stems of
/// Snowball 3.1.1. It implements a revision before Snowball 3.0; since then came: R1 behind `emerg`, `inter`, `later`,
/// `organ`, `past` and `univers`; `ogist` to `og`; `past` as a short syllable; no undoubling in "added", "ebbing",
/// "erred"; "evening" as an exception and "vying" as a case of "dying".
const NEWER_THAN_RUST_STEMMERS: &str = "\
    added=add adding=add anesthesiologist=anesthesiolog anthropologist=anthropolog \
    anthropologists=anthropolog apologist=apolog archaeologist=archaeolog \
    archaeologists=archaeolog archeologist=archeolog archeologists=archeolog \
    bacteriologist=bacteriolog biologist=biolog biologists=biolog cardiologist=cardiolog \
    cardiologists=cardiolog dermatologist=dermatolog dermatologists=dermatolog ebbing=ebb \
    ecologist=ecolog ecologists=ecolog emergence=emergenc emergencies=emergenc \
    emergency=emergenc emergent=emergent endocrinologist=endocrinolog entomologist=entomolog \
    epidemiologist=epidemiolog epidemiologists=epidemiolog epping=epp erred=err \
    ethnologist=ethnolog ethnomusicologist=ethnomusicolog evening=evening evening's=evening \
    evenings=evening gastroenterologist=gastroenterolog geochronologists=geochronolog \
    geologist=geolog geologists=geolog gynaecologists=gynaecolog gynecologist=gynecolog \
    hematologist=hematolog herpetologist=herpetolog intercity=interciti interfered=interfer \
    interfering=interfer interment=interment internal=internal internalize=internal \
    internalized=internal internalizing=internal internally=internal internals=internal \
    international=internat international's=internat internationalism=internat \
    internationally=internat internationals=internat internment=internment interstate=interstat \
    interstates=interstat interval=interval intervals=interval lateral=lateral laterally=lateral \
    meteorologist=meteorolog meteorologists=meteorolog microbiologist=microbiolog \
    microbiologists=microbiolog mineralogist=mineralog musicologist=musicolog \
    mycologists=mycolog nephrologist=nephrolog neurobiologists=neurobiolog neurologist=neurolog \
    offing=off oncologist=oncolog ophthalmologist=ophthalmolog organic=organic \
    organically=organic organism=organism organism's=organism organisms=organism \
    organization=organiz organization's=organiz organizations=organiz organize=organiz \
    organized=organiz organizer=organiz organizers=organiz organizes=organiz organizing=organiz \
    ornithologist=ornitholog otolaryngologist=otolaryngolog paleontologist=paleontolog \
    paleontologists=paleontolog paste=paste pasted=paste pastes=paste pasting=paste \
    pathologist=patholog pathologists=patholog petrologists=petrolog philologist=philolog \
    physiologist=physiolog physiologists=physiolog psychologist=psycholog \
    psychologists=psycholog radiologist=radiolog radiologists=radiolog \
    rheumatologist=rheumatolog scientologist=scientolog scientologists=scientolog \
    seismologist=seismolog seismologists=seismolog sociologist=sociolog sociologists=sociolog \
    technologist=technolog technologists=technolog tibetologist=tibetolog toxicologist=toxicolog \
    universal=universal universalism=universal universality=universal universally=universal \
    universals=universal universiti=universiti universities=universiti university=universiti \
    university's=universiti universitys=universiti urologist=urolog vying=vie zoologist=zoolog";

/// Words that show every rule, for checkouts without the word list.
const WORDS: &str = "\
    ' 'tis a ability able accessibility accessible accordingly active activity actually \
    additional administrator agency agreed alternative another any apologize apparently \
    appointment as assembly autonomous available awareness based basketball be beautiful because \
    before being biology boss' boy business businesses by called capitalism carefully carelessly \
    cease certificate chance chemical city civilization classes communicate community \
    compatibility component condition conference consciousness continuous controll countries \
    create creativity criticism currently dangerous darkness deficiency delicate delicious \
    department dependency development died difference different distance division does dogs' \
    dominant don't early economic educational effective effectiveness electricity endlessly \
    enjoy environment especially ethnicity expensive experience expressiveness failing falling \
    family fancy federal feed fertilizer fictional filing fitness fizzed football forgiveness \
    france frequency frequently fully functionality gas generalization generalize generator \
    genetic going government guaranteed happiness historic hop hoped hopefully hopelessly hoping \
    hopping however illness imperialism important improvement increasingly incredibly indeed \
    indicate indigenous infancy information initialize install is it's its journalism july \
    location lockheed luxuriated majority management many married mechanism medical metabolism \
    mindfulness minimize movies municipality nancy national native negative notably numerous \
    o'clock obviously only ontology operational operator optimization optimize optimizer \
    optional original passes people performance physical please political population populous \
    position positive possible possibly powerful powershell preferably pregnancy president \
    previously private probably probate processes productivity professional psychology publicity \
    quality rapped rate reality realize really reasonably recently recognize regularization \
    regularizer reinforcement relative religious repeatedly replacement reportedly reservation \
    responsibility responsible responsiveness restaurant righteousness robustness roll say \
    sayyid science seamlessly security seemingly senator sensitivity separate september series \
    seriously seriousness several significant simplicity simultaneously skating socialism \
    something species specific specified states successful successfully supposedly surprisingly \
    synthesizer table tapped technology television terrorism that's the there's this together \
    traditional tried unconsciousness unexpectedly united update us used useful usefulness using \
    usually variable variational very visible visualize wakefulness weakness webassembly what's \
    why y years yes youth";

fn pairs(text: &str) -> BTreeMap<&str, &str> {
    text.split_whitespace()
        .map(|pair| pair.split_once('=').unwrap())
        .collect()
}

fn stem_of(word: &str) -> String {
    let mut letters = Vec::<u8, MAX_STEM_BYTES>::from_slice(word.as_bytes()).unwrap();
    stem(&mut letters);
    String::from_utf8(letters.to_vec()).unwrap()
}

fn can_be_stemmed(word: &str) -> bool {
    word.len() <= MAX_STEM_BYTES && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'\'')
}

/// The words that `rust-stemmers` stems otherwise, with our stems.
fn differences<'a>(words: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, String> {
    let other = Stemmer::create(Algorithm::English);
    words
        .map(|word| (word, stem_of(word)))
        .filter(|(word, stem)| *stem != other.stem(word))
        .collect()
}

/// `words.tsv` in the data folder: words and their counts. `None` in a checkout without data.
pub(in crate::text) fn word_list() -> Option<String> {
    let named = env::var_os("MEMT_DATA").map(PathBuf::from);
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let path = named.clone().unwrap_or(beside).join("teacher/words.tsv");
    if named.is_none() && !path.exists() {
        return None;
    }
    Some(fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

#[test]
fn stems_are_the_published_ones() {
    for text in [PUBLISHED, EXCEPTIONAL, NEWER_THAN_RUST_STEMMERS] {
        for (word, stem) in pairs(text) {
            assert_eq!(stem_of(word), stem, "{word}");
        }
    }
}

#[test]
fn words_of_every_rule_agree_with_rust_stemmers() {
    assert_eq!(differences(WORDS.split_whitespace()), BTreeMap::new());
}

#[test]
fn the_word_list_agrees_with_rust_stemmers_but_for_the_listed_words() {
    let Some(list) = word_list() else {
        std::eprintln!("no word list: set MEMT_DATA to the data folder");
        return;
    };
    let words = list
        .lines()
        .filter_map(|line| line.split('\t').next())
        .filter(|word| can_be_stemmed(word));
    let found = differences(words);
    let found: BTreeMap<&str, &str> = found.iter().map(|(word, stem)| (*word, &**stem)).collect();
    assert_eq!(found, pairs(NEWER_THAN_RUST_STEMMERS));
}

#[test]
fn any_letters_give_a_stem_that_is_no_longer() {
    let alphabet = b"aeioustlnrpyyedgb'";
    let mut state = 1_u32;
    for _ in 0..50_000 {
        let mut letters = Vec::<u8, MAX_STEM_BYTES>::new();
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let length = state as usize >> 16 & 31;
        for _ in 0..=length {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            letters
                .push(alphabet[(state >> 16) as usize % alphabet.len()])
                .unwrap();
        }
        stem(&mut letters);
        assert!(letters.len() <= length + 1);
        assert!(
            letters
                .iter()
                .all(|letter| alphabet.contains(letter) || *letter == b'i')
        );
    }
}
