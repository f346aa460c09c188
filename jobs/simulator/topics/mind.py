"""Topics: medieval history, learning Spanish, chess, family history."""

from jobs.simulator.topics.topic import Local, Topic, lines

MIND = (
    Topic(
        name="medieval history",
        group="Past and Present",
        subjects=lines("""
            castles and sieges
            the Black Death
            monastery life
            the Hanseatic League
            knights and tournaments
            medieval kitchens
            illuminated manuscripts
            the Crusades
            village life around 1300
            Viking trade routes
            cathedral builders
            women in medieval towns
        """),
        books=lines("""
            The Winter the Plague Came
            A Ledger from Lübeck
            Stone upon Stone
            The Bell and the Plough
            Pilgrims of the Long Road
        """),
        kits=lines("""
            Castle Model to Build from Card
            Replica Coins of Five Medieval Kings
            Wax Seal and Parchment Set
            Trading Game of the Hanseatic Merchants
            Wall Map of Europe around 1300
        """),
        films=lines("""
            The Cathedral Years
            Salt, Herring, Silver
            A Siege in Autumn
            The Abbess
        """),
        magazines=lines("""
            Chronicle
            Keep and Cloister
        """),
        talks=lines("""
            Did Anyone Really Eat with Their Hands?
            How Long Did It Take to Build a Cathedral?
            What Did a Peasant Owe?
            Who Wrote the Chronicles, and for Whom?
            How Fast Did the Plague Travel?
        """),
        sentences=lines("""
            Salt, herring and cloth made the northern towns rich.
            A siege was won more often by hunger than by ladders.
            Monks divided the night as strictly as the day.
            Within three years the plague took every third person in Europe.
            Masons left their marks on stones so that they would be paid.
            Colours in manuscripts came from stones, plants and crushed insects.
            Widows ran workshops, brewed beer and lent money.
            A village knew its fields by name and its king by rumour.
        """),
        queries=lines("""
            life in a medieval village
            history of the black death
            castles and sieges documentary
            hanseatic league trade
            illuminated manuscripts
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Burgen und Belagerungen
                    Die Hanse
                    Klosterleben im Mittelalter
                """),
                lines("""
                    Salz, Hering und Tuch machten die Städte reich.
                    Eine Belagerung gewann meist der Hunger.
                """),
            ),
            Local(
                "fr",
                lines("""
                    la vie au Moyen Âge
                    les bâtisseurs de cathédrales
                    la peste noire
                """),
                lines("""
                    Les moines partageaient la nuit comme le jour.
                    Les veuves tenaient des ateliers et prêtaient de l'argent.
                """),
            ),
            Local(
                "es",
                lines("""
                    la vida en la Edad Media
                    los castillos y los asedios
                    la peste negra
                """),
                lines("""
                    Los asedios se ganaban más por hambre que por asalto.
                    Los canteros dejaban su marca en la piedra.
                """),
            ),
        ),
    ),
    Topic(
        name="learning Spanish",
        group="Past and Present",
        subjects=lines("""
            everyday Spanish conversations
            Spanish verbs
            the Spanish subjunctive
            Spanish for travellers
            Spanish pronunciation
            short stories in easy Spanish
            Latin American Spanish
            ordering food in Spanish
            Spanish vocabulary
            writing letters in Spanish
            Spanish for the office
            Spanish songs
        """),
        books=lines("""
            Poco a Poco
            Ser, Estar and Other Troubles
            A Coffee in Seville
            Two Hundred Verbs
            Letters to Montevideo
        """),
        kits=lines("""
            Spanish Flash Cards, Nine Hundred Words
            Audio Course with Phrase Book
            Spanish Verb Wheel
            Dialogue Dice for Language Evenings
            Reader with Vocabulary Bookmark
        """),
        films=lines("""
            The Teacher from Oaxaca
            Sobremesa
            A Year in Granada
            The Bus to Valparaíso
        """),
        magazines=lines("""
            Palabra
            Easy Spanish Reader
        """),
        talks=lines("""
            When Do I Use Ser and When Estar?
            How Many Words Do You Need to Chat?
            Why Do Spaniards Speak So Fast?
            Is the Subjunctive Really That Bad?
            How to Learn a Language after Fifty
        """),
        sentences=lines("""
            Ten minutes a day beat two hours on Sunday.
            Estar is for how things are now, ser for what they are.
            A thousand words carry you through most conversations.
            The rolled r comes sooner when you stop trying so hard.
            Native speakers swallow endings, and the recordings do so too.
            The past tenses become clear once you tell a story with them.
            Speaking badly in the first week is better than speaking well never.
            Every dialogue is recorded by speakers from four countries.
        """),
        queries=lines("""
            learn spanish fast
            spanish course for travellers
            ser or estar
            easy spanish stories
            spanish vocabulary cards
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Spanisch für die Reise
                    Spanische Verben
                    Leichte Geschichten auf Spanisch
                """),
                lines("""
                    Zehn Minuten am Tag schlagen zwei Stunden am Sonntag.
                    Tausend Wörter tragen durch die meisten Gespräche.
                """),
            ),
            Local(
                "fr",
                lines("""
                    l'espagnol du quotidien
                    les verbes espagnols
                    l'espagnol pour voyager
                """),
                lines("""
                    Dix minutes par jour valent mieux que deux heures le dimanche.
                    Mille mots suffisent pour la plupart des conversations.
                """),
            ),
            Local(
                "es",
                lines("""
                    el español para extranjeros
                    los verbos irregulares
                    las lecturas fáciles
                """),
                lines("""
                    Diez minutos al día valen más que dos horas el domingo.
                    Todos los diálogos están grabados por hablantes de cuatro países.
                """),
            ),
        ),
    ),
    Topic(
        name="chess",
        group="Past and Present",
        subjects=lines("""
            chess openings for club players
            rook endgames
            pawn structure
            tactical chess puzzles
            the Sicilian Defence
            attacking the castled king
            chess clocks and time trouble
            classic chess games
            teaching children chess
            the Queen's Gambit
            positional sacrifices
            analysing your own games
        """),
        books=lines("""
            The Passed Pawn
            Forty Moves on a Rainy Day
            Quiet Moves
            The Knight on the Rim
            Draw Offered
        """),
        kits=lines("""
            Wooden Chess Set, Tournament Size
            Digital Chess Clock
            Magnetic Travel Chess Set
            Score Book with One Hundred Sheets
            Giant Demonstration Board
        """),
        films=lines("""
            The Café Players
            Adjourned
            Twelve Boards, One Evening
            A Girl from the Pioneer Club
        """),
        magazines=lines("""
            En Passant
            The Endgame
        """),
        talks=lines("""
            Which Opening Should a Beginner Play?
            Why Are Rook Endings So Hard?
            How Do Grandmasters See So Far Ahead?
            What Does a Computer Find That We Do Not?
            When Should You Resign?
        """),
        sentences=lines("""
            Rooks belong behind passed pawns, your own and the other side's.
            A knight on the edge of the board sees half as much.
            Most club games are decided by a double attack.
            The king is a strong piece once the queens are gone.
            Ten puzzles a day do more than a new opening.
            Whoever controls the centre chooses where the game is played.
            Look at checks and captures first, at plans second.
            A lost game that is analysed is worth two that were won.
        """),
        queries=lines("""
            chess openings for beginners
            rook endgame training
            chess puzzles
            wooden chess set
            how to attack the king
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Schacheröffnungen
                    Turmendspiele im Schach
                    Schach für Kinder
                """),
                lines("""
                    Türme gehören hinter die Freibauern.
                    Ein Springer am Rand sieht nur die Hälfte.
                """),
            ),
            Local(
                "fr",
                lines("""
                    les ouvertures aux échecs
                    les finales de tours
                    les échecs pour enfants
                """),
                lines("""
                    Un cavalier au bord ne voit que la moitié.
                    Dix problèmes par jour valent une ouverture neuve.
                """),
            ),
            Local(
                "es",
                lines("""
                    las aperturas de ajedrez
                    los finales de torres
                    el ajedrez para niños
                """),
                lines("""
                    Las torres van detrás de los peones pasados.
                    Una partida perdida y analizada vale por dos ganadas.
                """),
            ),
        ),
    ),
    Topic(
        name="family history",
        group="Past and Present",
        subjects=lines("""
            parish registers
            old family letters
            deciphering old handwriting
            emigrant ship lists
            drawing a family tree
            DNA matches
            interviewing grandparents
            dating old photographs
            census records
            family names and their origin
            archives and how to use them
            writing a family chronicle
        """),
        books=lines("""
            The Box under the Stairs
            Great-Aunt Somebody
            Eleven Names on a Stone
            Passage to Buenos Aires
            Where the Miller Came From
        """),
        kits=lines("""
            Family Tree Chart for Seven Generations
            Archive Boxes for Letters and Photographs
            Genealogy Workbook with Forms
            Home DNA Test for Ancestry
            Interview Cards for Grandparents
        """),
        films=lines("""
            The Emigrants' Trunk
            My Mother's Other Name
            A Register in Ashes
            The Village That Moved
        """),
        magazines=lines("""
            Rooted
            The Ancestor
        """),
        talks=lines("""
            Where Do I Start with My Ancestors?
            How to Read a Hand from 1750
            Why Did Great-Grandfather Change His Name?
            Can You Trust a Family Legend?
            What Does a DNA Match Really Mean?
        """),
        sentences=lines("""
            Ask the oldest relatives first, the archives will wait.
            One name was often spelled five ways by the same clerk.
            Godparents in the register lead to the next village.
            A photograph can be dated by its sleeves and its cardboard.
            Ship lists name the last home and the first address abroad.
            Write the source next to every date, or you will look for it twice.
            Family legends are usually wrong in detail and right at heart.
            Old handwriting becomes readable after the tenth page.
        """),
        queries=lines("""
            how to research my ancestors
            read old handwriting
            family tree chart
            emigration passenger lists
            dna test ancestry
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Ahnenforschung für Anfänger
                    Alte Handschriften lesen
                    Kirchenbücher und Archive
                """),
                lines("""
                    Zuerst fragt man die ältesten Verwandten.
                    Derselbe Schreiber schrieb einen Namen oft auf fünf Arten.
                """),
            ),
            Local(
                "fr",
                lines("""
                    la généalogie
                    les registres paroissiaux
                    l'arbre généalogique
                """),
                lines("""
                    On interroge d'abord les plus âgés, les archives attendront.
                    Les parrains mènent au village voisin.
                """),
            ),
            Local(
                "es",
                lines("""
                    la genealogía
                    los registros parroquiales
                    el árbol genealógico
                """),
                lines("""
                    Primero se pregunta a los mayores; los archivos esperan.
                    Las leyendas familiares suelen tener algo de verdad.
                """),
            ),
        ),
    ),
)
